/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.tlora.format.Json;
import org.tlora.format.Sha256;

/** What runs left on disk, without what depends on the clock. */
final class Runs {
  private static final Set<String> OF_THE_CLOCK =
      Set.of("tokens_per_second", "peak_rss_bytes", "seconds");

  private Runs() {}

  /** Every line of {@code metrics.jsonl}. */
  static List<ObjectNode> metrics(Path output) throws IOException {
    return Files.readAllLines(output.resolve("metrics.jsonl")).stream()
        .map(line -> Json.parseObject(line, "metrics").without(OF_THE_CLOCK))
        .map(ObjectNode.class::cast)
        .toList();
  }

  /** Digests of the weights that a run wrote, and of their configuration. */
  static Map<String, String> weights(Path output) throws IOException {
    Map<String, String> digests = new TreeMap<>();
    try (Stream<Path> files = Files.list(output)) {
      for (Path f : files.toList()) {
        String name = f.getFileName().toString();
        if (name.endsWith(".safetensors") || name.equals("adapter_config.json")) {
          digests.put(name, Sha256.of(f));
        }
      }
    }
    return digests;
  }

  /** The names in a directory. */
  static List<String> names(Path directory) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  /** Copies a directory. */
  static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path p : all.toList()) {
        Path target = to.resolve(from.relativize(p).toString());
        if (Files.isDirectory(p)) {
          Files.createDirectories(target);
        } else {
          Files.copy(p, target);
        }
      }
    }
  }
}
