/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.card;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;

/**
 * How a model did on a task.
 *
 * @param grading how answers were read, or null
 * @param standardError or NaN
 * @param count rows, or 0 where nobody says
 */
public record Score(
    String task, String metric, String grading, double value, double standardError, long count) {

  /**
   * The scores of a file as {@code tlora evaluate --output} writes it.
   *
   * @throws InputFault if it cannot be read or a line is something else
   */
  public static List<Score> read(Path file) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw new InputFault(file + " cannot be read: " + Json.reason(e), e);
    }
    List<Score> scores = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).isBlank()) {
        scores.add(of(lines.get(i), file + ", line " + (i + 1)));
      }
    }
    if (scores.isEmpty()) {
      throw new InputFault(file + " holds no score");
    }
    return scores;
  }

  private static Score of(String line, String where) {
    ObjectNode score = Json.parseObject(line, where);
    if (!score.path("task").isTextual()
        || !score.path("metric").isTextual()
        || !score.path("value").isNumber()) {
      throw new InputFault(
          where
              + " is no score, which has task, metric and value: name a file that `tlora evaluate"
              + " --output` has written");
    }
    return new Score(
        score.path("task").asText(),
        score.path("metric").asText(),
        score.path("grading").isTextual() ? score.path("grading").asText() : null,
        score.path("value").asDouble(),
        score.path("stderr").asDouble(Double.NaN),
        score.path("count").asLong(0));
  }

  /** As the hub's metadata have them; nothing for nothing. */
  static void addTo(ObjectNode metadata, String model, String kind, List<Score> scores) {
    metadata.remove("model-index");
    if (scores.isEmpty()) {
      return;
    }
    Map<String, List<Score>> byTask = new LinkedHashMap<>();
    scores.forEach(s -> byTask.computeIfAbsent(s.task, t -> new ArrayList<>()).add(s));
    ObjectNode index = metadata.putArray("model-index").addObject().put("name", model);
    ArrayNode results = index.putArray("results");
    byTask.forEach(
        (task, all) -> {
          ObjectNode result = results.addObject();
          result.putObject("task").put("type", kind);
          result.putObject("dataset").put("name", task).put("type", task);
          ArrayNode metrics = result.putArray("metrics");
          all.forEach(
              s ->
                  metrics
                      .addObject()
                      .put("type", s.metric)
                      .put("value", s.value)
                      .put("name", s.name()));
        });
  }

  private String name() {
    return grading == null ? metric : metric + ", " + grading + " grading";
  }

  /** As a table for people; says so where there are none. */
  static String text(List<Score> scores) {
    StringBuilder all = new StringBuilder("## Scores\n\n");
    if (scores.isEmpty()) {
      return all.append("None: nobody has scored it on a task yet.\n").toString();
    }
    all.append("| task | metric | value | standard error | rows |\n|---|---|--:|--:|--:|\n");
    for (Score s : scores) {
      String error = Double.isNaN(s.standardError) ? "" : Markdown.number(s.standardError);
      List<String> cells =
          List.of(
              s.task, s.name(), Markdown.number(s.value), error, s.count == 0 ? "" : "" + s.count);
      cells.forEach(c -> all.append("| ").append(Markdown.line(c)).append(' '));
      all.append("|\n");
    }
    return all.append("\nMeasured by `tlora evaluate`; by nobody else.\n").toString();
  }
}
