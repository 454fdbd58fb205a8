/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.tlora.fault.RunFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.format.OwnFiles;

/**
 * The tokenizer and the chat template beside an adapter, which is the one that it was trained with
 * and is used in place of the base's.
 */
final class BesideFiles {
  private static final List<String> NAMES =
      List.of(
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "chat_template.jinja",
          "vocab.json",
          "vocab.txt",
          "merges.txt",
          "tokenizer.model",
          "spm.model");

  private BesideFiles() {}

  /**
   * Copies those of one adapter: of one that brings tables or vectors of tokens, if there is any,
   * else of the first that has some.
   *
   * @param notes is told of others that differ
   */
  static void copy(List<DetachedAdapter> sources, Path directory, Consumer<String> notes) {
    List<DetachedAdapter> having =
        sources.stream().filter(s -> !names(s.directory()).isEmpty()).toList();
    if (having.isEmpty()) {
      return;
    }
    DetachedAdapter taken =
        having.stream().filter(s -> !s.besides().isEmpty()).findFirst().orElse(having.get(0));
    try {
      for (DetachedAdapter other : having) {
        List<String> differing = differing(taken.directory(), other.directory());
        if (!differing.isEmpty()) {
          notes.accept(
              String.join(", ", differing)
                  + " beside "
                  + other.directory()
                  + " differs from that beside "
                  + taken.directory()
                  + ", which the new adapter has");
        }
      }
      for (String name : names(taken.directory())) {
        byte[] bytes = Files.readAllBytes(OwnFiles.of(taken.directory(), name));
        AtomicFiles.write(directory.resolve(name), out -> out.write(bytes));
      }
    } catch (IOException e) {
      throw new RunFault(taken.directory() + " cannot be copied: " + Json.reason(e), e);
    }
  }

  private static List<String> names(Path directory) {
    return NAMES.stream().filter(n -> Files.isRegularFile(OwnFiles.of(directory, n))).toList();
  }

  private static List<String> differing(Path taken, Path other) throws IOException {
    List<String> differing = new ArrayList<>();
    for (String name : names(other)) {
      Path mine = taken.resolve(name);
      if (!Files.exists(mine) || Files.mismatch(mine, other.resolve(name)) >= 0) {
        differing.add(name);
      }
    }
    return differing;
  }
}
