/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.card;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;

/** What a directory holds. */
public enum Kind {
  /** An adapter in PEFT's format. */
  ADAPTER("peft"),
  /** A model as transformers has it. */
  MODEL("transformers"),
  /** A model as llama.cpp has it. */
  GGUF(null);

  /** An adapter's configuration. */
  public static final String ADAPTER_CONFIG = "adapter_config.json";

  private final String library;

  Kind(String library) {
    this.library = library;
  }

  /** The library that loads it, as the hub calls it, or null. */
  String library() {
    return library;
  }

  /**
   * What a directory holds.
   *
   * @throws InputFault if it is neither an adapter nor a model
   */
  public static Kind of(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new InputFault(directory + " is no directory");
    }
    if (Files.exists(directory.resolve(ADAPTER_CONFIG))) {
      return ADAPTER;
    }
    if (Files.exists(directory.resolve("config.json"))) {
      return MODEL;
    }
    if (!gguf(directory).isEmpty()) {
      return GGUF;
    }
    throw new InputFault(
        directory
            + " holds neither an adapter (adapter_config.json) nor a model (config.json, or a .gguf"
            + " file)");
  }

  /** The GGUF files of a directory, in order. */
  public static List<Path> gguf(Path directory) {
    try (Stream<Path> all = Files.list(directory)) {
      return all.filter(f -> f.toString().endsWith(".gguf")).sorted().toList();
    } catch (IOException e) {
      throw new InputFault(directory + " cannot be listed: " + Json.reason(e), e);
    }
  }
}
