package org.tlora.evaluate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.tlora.format.Json;

/**
 * How a model did on a task.
 *
 * @param value of the task's metric
 * @param standardError of the value
 * @param others further metrics by name
 * @param samples every row with what the model said of it
 */
public record TaskResult(
    Task task,
    double value,
    double standardError,
    Map<String, Double> others,
    List<ObjectNode> samples) {
  /** How many rows. */
  public int count() {
    return samples.size();
  }

  /** As a line of a file of scores. */
  public ObjectNode toJson() {
    ObjectNode score = Json.object();
    score.put("task", task.name()).put("metric", task.metric());
    score.put("value", value).put("count", count()).put("stderr", standardError);
    others.forEach(score::put);
    return score;
  }
}
