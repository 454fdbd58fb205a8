/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.look;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.tlora.checkpoint.CheckpointStore;
import org.tlora.fault.InputFault;
import org.tlora.format.Safetensors;

/** Finds out what a path is, and what there is to say about it. */
public final class Inspection {
  private Inspection() {}

  /**
   * How much is wanted.
   *
   * @param tensors every tensor with its shape
   * @param layers every layer of an adapter
   */
  public record Detail(boolean tensors, boolean layers) {}

  /**
   * Looks at something.
   *
   * @param path null: this machine
   * @throws InputFault if it is nothing that is known, or too damaged to be looked into
   */
  public static Facts of(Path path, Detail detail) {
    Facts facts = new Facts();
    if (path == null) {
      MachineLook.into(facts);
      return facts;
    }
    if (!Files.exists(path)) {
      throw new InputFault(path + " does not exist");
    }
    if (Files.exists(path.resolve(CheckpointStore.MANIFEST))) {
      CheckpointLook.into(facts, path);
    } else if (Files.exists(path.resolve("adapter_config.json"))) {
      AdapterLook.into(facts, path, detail);
    } else if (Files.exists(path.resolve("config.json")) || hasEnding(path, ".gguf")) {
      ModelLook.into(facts, path, detail);
    } else if (Files.isDirectory(path) && RunLook.isRun(path)) {
      facts.json().put("kind", "run");
      facts.line("run", path.toString());
    } else if (Files.isDirectory(path)) {
      throw new InputFault(
          path
              + " holds no model (config.json), adapter (adapter_config.json), checkpoint"
              + " (manifest.json) or run (run.yaml, metrics.jsonl, calibration.json)");
    } else if (hasEnding(path, ".safetensors")) {
      tensors(facts, path, detail);
    } else {
      DataLook.into(facts, path);
    }
    if (Files.isDirectory(path) && RunLook.isRun(path)) {
      RunLook.into(facts, path);
    }
    return facts;
  }

  private static boolean hasEnding(Path path, String ending) {
    return path.toString().toLowerCase(Locale.ROOT).endsWith(ending);
  }

  private static void tensors(Facts facts, Path path, Detail detail) {
    try (Safetensors file = Safetensors.open(path)) {
      facts.json().put("kind", "safetensors").put("tensors", file.names().size());
      facts.line("safetensors", path.toString());
      facts.line("tensors", Words.count(file.names().size()));
      TensorList.types(facts, file);
      file.metadata().forEach((key, value) -> facts.json().withObject("/metadata").put(key, value));
      facts.line("metadata", file.metadata().isEmpty() ? "none" : "what the file says of itself");
      file.metadata().forEach(facts::inner);
      if (detail.tensors()) {
        TensorList.into(facts, file);
      }
    }
  }
}
