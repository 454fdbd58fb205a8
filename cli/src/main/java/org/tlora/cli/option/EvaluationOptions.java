/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tlora.TuningBuilder;
import picocli.CommandLine.Option;

/** What a run is measured by while it goes on, and when it ends for that. */
final class EvaluationOptions {
  @Option(
      names = "--eval-tasks",
      split = ",",
      paramLabel = "NAME",
      description =
          "Score the model on these tasks at each evaluation, as evaluate --task names them; the"
              + " score of gsm8k is eval_gsm8k.")
  private List<String> tasks = new ArrayList<>();

  @Option(
      names = "--eval-task-data",
      split = ",",
      paramLabel = "FILE",
      description = "The rows of each task, in the order of --eval-tasks; one file serves all.")
  private List<Path> taskData = new ArrayList<>();

  @Option(
      names = "--eval-task-limit",
      paramLabel = "N",
      defaultValue = "0",
      description = "Only the first rows of each task; 0: all.")
  private int taskLimit;

  @Option(
      names = "--early-stopping-patience",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "End after so many evaluations in a row without an improvement, and leave the best state;"
              + " 0: do not.")
  private int patience;

  @Option(
      names = "--early-stopping-threshold",
      paramLabel = "X",
      defaultValue = "0",
      description = "An improvement is better by more than this (default: ${DEFAULT-VALUE}).")
  private double threshold;

  @Option(
      names = "--best-metric",
      paramLabel = "NAME",
      description =
          "Leave the state that was best by this number of the evaluations, not the last:"
              + " eval_loss, train_loss, or a task's; with + or - before it a greater or a smaller"
              + " one is better (default: eval_loss with --early-stopping-patience).")
  private String bestMetric;

  void addTo(TuningBuilder b) {
    b.evalTasks(tasks.toArray(String[]::new)).evalTaskData(taskData.toArray(Path[]::new));
    b.evalTaskLimit(taskLimit).earlyStoppingPatience(patience);
    b.earlyStoppingThreshold(threshold).bestMetric(bestMetric);
  }
}
