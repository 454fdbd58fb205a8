/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tlora.evaluate.TaskResult;

/**
 * How a model did on a task.
 *
 * @param task its name
 * @param metric what the value is, such as accuracy
 * @param grading how answers that were written are read, published or lenient; null where none were
 * @param standardError of the value
 * @param count rows
 * @param others further metrics by name, in their order
 * @param categories the value by category; empty where the task has none
 * @param speed null where no model was run
 * @param json all of it as one line of JSON, as {@code tlora evaluate} writes it
 */
public record TaskScore(
    String task,
    String metric,
    String grading,
    double value,
    double standardError,
    int count,
    Map<String, Double> others,
    Map<String, Category> categories,
    Speed speed,
    String json) {
  /** Keeps copies. */
  public TaskScore {
    others = Collections.unmodifiableMap(new LinkedHashMap<>(others));
    categories = Collections.unmodifiableMap(new LinkedHashMap<>(categories));
  }

  /** The value of the rows of a category. */
  public record Category(double value, int count) {}

  /**
   * How long it took.
   *
   * @param tokens that were generated, or looked at where nothing was generated
   */
  public record Speed(double seconds, long tokens) {}

  static TaskScore of(TaskResult r) {
    Map<String, Category> categories = new LinkedHashMap<>();
    r.categories().forEach((name, c) -> categories.put(name, new Category(c.value(), c.count())));
    return new TaskScore(
        r.task().name(),
        r.metric(),
        r.grading() == null ? null : r.grading().label(),
        r.value(),
        r.standardError(),
        r.count(),
        r.others(),
        categories,
        r.speed() == null ? null : new Speed(r.speed().seconds(), r.speed().tokens()),
        r.line());
  }
}
