/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tlora.data.Encoded;
import org.tlora.fault.InputFault;

/** SHA-256 digests of what a run reads, each found once, when it is asked for. */
final class InputDigests {
  private final Path model;
  private final List<Encoded> training;
  private final List<Encoded> evaluation;
  private final Map<String, String> found = new HashMap<>();

  InputDigests(Path model, List<Encoded> training, List<Encoded> evaluation) {
    this.model = model;
    this.training = training;
    this.evaluation = evaluation;
  }

  /** The model's configuration and weights. */
  String model() {
    return found.computeIfAbsent("model", k -> Contents.ofModel(model));
  }

  /** The rows to train on, as tokens. */
  String trainingRows() {
    return found.computeIfAbsent("training", k -> Contents.ofRows(training));
  }

  /** The rows to evaluate on, as tokens. */
  String evaluationRows() {
    return found.computeIfAbsent("evaluation", k -> Contents.ofRows(evaluation));
  }

  /**
   * A file by its content.
   *
   * @return null where it is no regular file, such as a pipe, which gives its content once
   * @throws InputFault if it cannot be read
   */
  String of(Path file) {
    if (!Files.isRegularFile(file)) {
      return null;
    }
    return found.computeIfAbsent("file " + file.toAbsolutePath(), k -> Contents.ofFile(file));
  }
}
