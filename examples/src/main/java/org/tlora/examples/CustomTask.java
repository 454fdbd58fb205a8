/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.tlora.Evaluation;
import org.tlora.LanguageModel;
import org.tlora.TaskScore;

/** Scores a model on a task of one's own. */
public final class CustomTask {
  private static final String TASK =
      """
      name: doubling
      template: plain
      prompt: |-
        {instruction}
      max-new-tokens: 16
      grader:
        kind: pattern
        pattern: "([a-z]+)"
        gold: response
      """;

  private CustomTask() {}

  /** Arguments: the model, a file of rows, where the task file is written. */
  public static void main(String[] args) throws IOException {
    Path task = Files.writeString(Path.of(args[2]), TASK);
    try (LanguageModel model = LanguageModel.load(args[0])) {
      Evaluation evaluation =
          Evaluation.builder().task(task.toString(), Path.of(args[1])).limit(8).build();
      for (TaskScore score : model.evaluate(evaluation)) {
        System.out.printf(
            "%s: %s %.2f ± %.2f of %d rows%n",
            score.task(), score.metric(), score.value(), score.standardError(), score.count());
      }
    }
  }
}
