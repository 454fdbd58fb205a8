/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.tlora.data.format.Row;
import org.tlora.format.Json;
import org.tlora.golden.Shared;

/** Answers to MATH, HumanEval and MBPP are taken out and graded as by the published scripts. */
class AnswersGoldenTest {
  private final JsonNode golden = Json.readObject(Shared.path("golden/answers/expected.json"));

  @Test
  void mathAnswersAreGradedAsPublished() {
    MathGrader grader = new MathGrader();
    for (JsonNode c : golden.path("math")) {
      boolean whole = c.has("solution");
      String solution =
          whole ? c.path("solution").asText() : "\\boxed{" + c.path("gold").asText() + "}";
      Row row = new Row(Path.of("golden"), 1, Json.object().put("answer", solution));
      assertEquals(
          c.path("correct").asBoolean(),
          grader.grade(row, c.path("completion").asText()).correct(),
          c.toString());
    }
    assertEquals(232, golden.path("math").size());
  }

  @Test
  void boxesAreFoundAsPublished() {
    for (JsonNode c : golden.path("boxed")) {
      String boxed = MathGrader.lastBoxed(c.path("in").asText());
      assertEquals(c.path("last_boxed").asText("null"), "" + boxed, c.toString());
      assertEquals(c.path("content").asText("null"), "" + MathGrader.content(boxed), c.toString());
    }
  }

  @Test
  void expressionsTakeThePublishedForm() {
    for (JsonNode c : golden.path("math_normalise")) {
      String form = MathForm.of(c.path("in").asText());
      assertEquals(
          c.path("out").isTextual() ? c.path("out").asText() : "null", "" + form, c.toString());
    }
    for (JsonNode c : golden.path("math_equivalent")) {
      assertEquals(
          c.path("equivalent").asBoolean(),
          MathGrader.equivalent(text(c.path("a")), text(c.path("b"))),
          c.toString());
    }
  }

  private static String text(JsonNode node) {
    return node.isNull() ? null : node.asText();
  }

  @Test
  void programsAreTakenOutAsPublished() {
    int compared = 0;
    for (String task : new String[] {"humaneval", "mbpp"}) {
      for (JsonNode c : golden.path("code").path(task)) {
        assertEquals(
            c.path("completion").asText(), CodeText.of(c.path("output").asText()), c.toString());
        compared++;
      }
    }
    assertEquals(26, compared);
  }
}
