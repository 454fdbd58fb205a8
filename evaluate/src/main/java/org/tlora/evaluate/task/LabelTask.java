/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate.task;

import java.util.List;
import org.tlora.data.Labels;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;

/**
 * Something that an encoder is scored on by the labels it gives.
 *
 * @param columns of its files that have no line of names; empty: the first line names them
 * @param classes their names in the order of the numbers that some files have instead; none: rows
 *     have numbers
 * @param metrics the first one is the task's
 */
public record LabelTask(
    String name, List<String> columns, List<String> classes, List<Metric> metrics) implements Task {
  /**
   * Keeps copies.
   *
   * @throws UsageFault without a metric
   */
  public LabelTask {
    columns = List.copyOf(columns);
    classes = List.copyOf(classes);
    metrics = List.copyOf(metrics);
    if (metrics.isEmpty()) {
      throw new UsageFault("`task` " + name + " has no metric");
    }
  }

  /** A task of files whose first line names their columns. */
  public static LabelTask of(String name, List<String> classes, Metric... metrics) {
    return new LabelTask(name, List.of(), classes, List.of(metrics));
  }

  @Override
  public String metric() {
    return metrics.get(0).label();
  }

  /**
   * The number that a model has for a row's label, which may be a name or a number, and so may the
   * model's.
   *
   * @param where names the row in messages
   * @throws InputFault if the model does not know the label
   */
  public double valueOf(String label, Labels ofModel, String where) {
    if (ofModel.isRegression() != classes.isEmpty()) {
      throw new InputFault(
          "task "
              + name
              + (classes.isEmpty()
                  ? " is about numbers, and the model says classes"
                  : " is about classes, and the model says numbers"));
    }
    if (ofModel.isRegression() || ofModel.classes().contains(label)) {
      return ofModel.valueOf(label, where);
    }
    int index = classes.indexOf(label);
    if (index < 0 && label.matches("\\d{1,4}")) {
      index = Integer.parseInt(label);
    }
    if (index >= 0 && index < classes.size()) {
      for (String known : List.of(classes.get(index), "" + index, "LABEL_" + index)) {
        if (ofModel.classes().contains(known)) {
          return ofModel.classes().indexOf(known);
        }
      }
    }
    return ofModel.valueOf(label, where); // whose fault names what is known
  }
}
