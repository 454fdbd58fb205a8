/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.util.List;
import org.tlora.evaluate.task.LabelTask;
import org.tlora.evaluate.task.Metric;
import org.tlora.evaluate.task.Task;

/**
 * The tasks of GLUE (Wang et al., arXiv 1804.07461) with its metrics, on its own TSV files or those
 * of the hub, where labels are numbers.
 */
final class Glue {
  private static final List<String> FIRST_LINE = List.of();
  private static final List<String> TWO = List.of("0", "1");
  private static final List<String> ENTAILMENT = List.of("entailment", "not_entailment");
  private static final List<Metric> ACCURACY = List.of(Metric.ACCURACY);
  private static final List<Metric> ACCURACY_AND_F1 = List.of(Metric.ACCURACY, Metric.F1);

  private Glue() {}

  static List<Task> tasks() {
    return List.of(
        new LabelTask(
            "cola",
            List.of("source", "label", "mark", "sentence"),
            TWO,
            List.of(Metric.MATTHEWS_CORRELATION, Metric.ACCURACY)),
        new LabelTask("sst2", FIRST_LINE, TWO, ACCURACY),
        new LabelTask("mrpc", FIRST_LINE, TWO, ACCURACY_AND_F1),
        new LabelTask("stsb", FIRST_LINE, List.of(), List.of(Metric.PEARSON, Metric.SPEARMAN)),
        new LabelTask("qqp", FIRST_LINE, TWO, ACCURACY_AND_F1),
        new LabelTask(
            "mnli", FIRST_LINE, List.of("entailment", "neutral", "contradiction"), ACCURACY),
        new LabelTask("qnli", FIRST_LINE, ENTAILMENT, ACCURACY),
        new LabelTask("rte", FIRST_LINE, ENTAILMENT, ACCURACY),
        new LabelTask("wnli", FIRST_LINE, TWO, ACCURACY));
  }
}
