/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.examples;

import java.nio.file.Path;
import java.util.List;
import org.tlora.Evaluation;
import org.tlora.LanguageModel;
import org.tlora.TaskScore;
import org.tlora.data.RowFields;
import org.tlora.evaluate.task.Grader;
import org.tlora.evaluate.task.TextTask;
import org.tlora.evaluate.task.Verdict;

/** Scores a model on a task of one's own: a word is to be doubled. */
public final class CustomTask implements TextTask {
  /** Arguments: the model, a file of rows. */
  public static void main(String[] args) {
    Evaluation evaluation =
        Evaluation.builder().task(new CustomTask(), Path.of(args[1])).limit(8).build();
    try (LanguageModel model = LanguageModel.load(args[0])) {
      for (TaskScore score : model.evaluate(evaluation)) {
        System.out.printf(
            "%s: %s %.2f ± %.2f of %d rows%n",
            score.task(), score.metric(), score.value(), score.standardError(), score.count());
      }
    }
  }

  @Override
  public String name() {
    return "doubling";
  }

  @Override
  public String prompt(RowFields row) {
    return row.text("instruction");
  }

  @Override
  public int maxNewTokens() {
    return 16;
  }

  @Override
  public List<String> stop() {
    return List.of("\n");
  }

  /** The first word of the answer counts. */
  @Override
  public Grader grader() {
    return (row, answer) -> {
      String word = answer.strip().split("\\s")[0];
      return new Verdict(word, word.equals(row.text("response").strip()));
    };
  }
}
