/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.watch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.tlora.format.Json;

/** A directory that looks as a run leaves it. */
record RunFolder(Path path) {
  static RunFolder make(Path path, String... options) throws IOException {
    Files.createDirectories(path);
    StringBuilder yaml = new StringBuilder("model: \"models/tiny\"\n");
    for (String option : options) {
      yaml.append(option).append('\n');
    }
    Files.writeString(path.resolve("run.yaml"), yaml.toString());
    return new RunFolder(path);
  }

  static String line(long step, double loss) {
    ObjectNode line = Json.object().put("step", step).put("epoch", (step + 1) / 10.0);
    line.put("loss", loss).put("learning_rate", 1e-3).put("tokens", 64);
    line.put("tokens_per_second", 100.0).put("peak_rss_bytes", 1_000_000_000L);
    line.putObject("seconds").put("forward", 1.0).put("backward", 1.5).put("optimizer", 0.5);
    return Json.compact(line) + "\n";
  }

  RunFolder steps(int from, int to) throws IOException {
    for (int step = from; step < to; step++) {
      append(line(step, 4.0 / (step + 1)));
    }
    return this;
  }

  void append(String text) throws IOException {
    Files.writeString(
        path.resolve("metrics.jsonl"), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
