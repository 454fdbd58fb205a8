/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate.judge;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tlora.data.format.Row;
import org.tlora.fault.InputFault;

/**
 * A question of MT-Bench (Zheng et al., arXiv 2306.05685) and the one that follows it.
 *
 * @param turns two
 */
record Question(long id, String category, List<String> turns) {
  /** Categories whose judge sees a reference answer. */
  private static final Set<String> WITH_REFERENCE = Set.of("math", "reasoning", "coding");

  /** At what temperature the published script answers a category; 0.7 for any other. */
  private static final Map<String, Double> TEMPERATURES =
      Map.of(
          "extraction", 0.0,
          "math", 0.0,
          "coding", 0.0,
          "reasoning", 0.0,
          "stem", 0.1,
          "humanities", 0.1);

  /**
   * Reads a row of the published file.
   *
   * @throws InputFault if it is none
   */
  static Question of(Row row) {
    JsonNode turns = row.fields().path("turns");
    if (!row.fields().path("question_id").canConvertToLong() || turns.size() != 2) {
      throw new InputFault(row.where() + " is no question with question_id and two turns");
    }
    List<String> texts = new ArrayList<>();
    turns.forEach(t -> texts.add(t.asText()));
    return new Question(
        row.fields().path("question_id").asLong(),
        row.fields().path("category").asText("general"),
        List.copyOf(texts));
  }

  boolean hasReference() {
    return WITH_REFERENCE.contains(category);
  }

  double temperature() {
    return TEMPERATURES.getOrDefault(category, 0.7);
  }
}
