/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.fault.Problems;
import org.tlora.fault.UsageFault;
import org.tlora.run.RunListener;
import org.tlora.train.Selection;
import org.tlora.tune.DuringOptions;

/** Reads what a builder has of what is looked at during a run. */
final class Watching {
  private static final Pattern METRIC = Pattern.compile("([+-]?)([A-Za-z][\\w.@/-]*)");

  private Watching() {}

  /** What of it a job knows. */
  static DuringOptions options(TuningBuilder b) {
    Problems problems = new Problems();
    Selection selection = problems.gather(() -> selection(b));
    DuringOptions options =
        problems.gather(() -> new DuringOptions(selection, b.sampleEvery, b.samplePrompts));
    problems.end();
    return options;
  }

  private static Selection selection(TuningBuilder b) {
    boolean stops = b.earlyStoppingPatience != 0;
    if (!stops && b.earlyStoppingThreshold != 0) {
      throw new UsageFault(
          "`earlyStoppingThreshold` needs `earlyStoppingPatience`: a number of evaluations");
    }
    if (!stops && b.bestMetric == null) {
      return null;
    }
    String named = b.bestMetric == null ? RunListener.EVAL_LOSS : b.bestMetric;
    Matcher m = METRIC.matcher(named);
    if (!m.matches()) {
      throw new UsageFault(
          "`bestMetric` must be the name of a number, with + or - before it where a greater or a"
              + " smaller one is better, not "
              + named);
    }
    String name = m.group(2);
    boolean greater = m.group(1).isEmpty() ? !isLoss(name) : m.group(1).equals("+");
    return new Selection(name, greater, b.earlyStoppingPatience, b.earlyStoppingThreshold);
  }

  /** Of losses smaller ones are better, of scores greater ones. */
  private static boolean isLoss(String name) {
    return name.equals(RunListener.EVAL_LOSS) || name.equals(Selection.TRAIN_LOSS);
  }

  /** The tasks to be scored on, or null: none. */
  static Evaluation tasks(TuningBuilder b) {
    if (b.evalTasks.isEmpty()) {
      if (!b.evalTaskData.isEmpty() || b.evalTaskLimit != 0) {
        throw new UsageFault(
            (b.evalTaskData.isEmpty() ? "`evalTaskLimit`" : "`evalTaskData`")
                + " needs `evalTasks`: names of tasks");
      }
      return null;
    }
    List<Path> files = b.evalTaskData;
    if (files.size() != 1 && files.size() != b.evalTasks.size()) {
      throw new UsageFault(
          "`evalTaskData` must name a file for each of `evalTasks`, or one for all");
    }
    if (b.evalTaskLimit < 0) {
      throw new UsageFault("`evalTaskLimit` must not be negative");
    }
    Evaluation.Builder all = Evaluation.builder().limit(b.evalTaskLimit);
    for (int i = 0; i < b.evalTasks.size(); i++) {
      all.task(b.evalTasks.get(i), files.get(files.size() == 1 ? 0 : i));
    }
    return all.build();
  }
}
