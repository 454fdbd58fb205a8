/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.tlora.evaluate.task.Task;
import org.tlora.format.Json;

/**
 * How a model did on a task.
 *
 * @param metric what the value is
 * @param grading how answers were read; null where none were
 * @param count rows
 * @param others further metrics by name
 * @param categories the value by category; empty where the task has none
 * @param speed null where nothing was run
 * @param samples every row with what the model said of it
 * @param figure what the value is made of
 */
public record TaskResult(
    Task task,
    String metric,
    GradingStyle grading,
    double value,
    double standardError,
    int count,
    Map<String, Double> others,
    Map<String, Category> categories,
    Speed speed,
    List<ObjectNode> samples,
    RowFigure figure) {
  /** The value of some rows. */
  public record Category(double value, int count) {}

  /**
   * How long it took.
   *
   * @param tokens that were generated, or looked at where nothing was generated
   */
  public record Speed(double seconds, long tokens) {}

  /** The same, by that way of reading answers. */
  TaskResult gradedBy(GradingStyle style) {
    return new TaskResult(
        task,
        metric,
        style,
        value,
        standardError,
        count,
        others,
        categories,
        speed,
        samples,
        figure);
  }

  /** As a line of a file of scores, without its end. */
  public String line() {
    return Json.compact(toJson());
  }

  ObjectNode toJson() {
    ObjectNode score = Json.object();
    score.put("task", task.name()).put("metric", metric);
    if (grading != null) {
      score.put("grading", grading.label());
    }
    score.put("value", value).put("count", count).put("stderr", standardError);
    others.forEach(score::put);
    if (!categories.isEmpty()) {
      ObjectNode all = score.putObject("categories");
      categories.forEach(
          (name, c) -> all.putObject(name).put("value", c.value()).put("count", c.count()));
    }
    if (speed != null) {
      score.put("seconds", speed.seconds());
      score.put("tokens_per_second", speed.tokens() / Math.max(1e-9, speed.seconds()));
    }
    return score;
  }
}
