/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tlora.engine.DType;
import org.tlora.quickstart.TinyModels;

/**
 * A tiny model and some rows on disk, to train in a moment.
 *
 * @param directory that outputs go to
 */
record SmallJob(Path directory, Path model, Path data) {
  /** Writes model and rows. */
  static SmallJob in(Path directory) throws IOException {
    new TinyModels(directory.resolve("model"), DType.FLOAT32).close();
    Path data = Commands.writeRows(directory.resolve("rows.jsonl"));
    return new SmallJob(directory, directory.resolve("model"), data);
  }

  /** A command that runs the model. */
  List<String> run(String command, String... more) {
    List<String> all = new ArrayList<>(List.of(command, "--model", model.toString()));
    all.addAll(List.of("--dtype", "float32", "--group-timeout", "5"));
    all.addAll(List.of(more));
    return all;
  }

  /** {@code tlora train} to an output of this name. */
  List<String> train(String output, String... more) {
    List<String> all = new ArrayList<>(List.of("train", "--model", model.toString()));
    all.addAll(List.of("--data", data.toString(), "--template", "plain", "--rank", "4"));
    all.addAll(List.of("--dtype", "float32", "--output", directory.resolve(output).toString()));
    all.addAll(List.of(more));
    return all;
  }
}
