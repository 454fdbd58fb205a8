/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.tlora.data.format.Row;
import org.tlora.evaluate.task.Grader;
import org.tlora.evaluate.task.TextTask;
import org.tlora.evaluate.task.Verdict;
import org.tlora.format.Json;
import org.tlora.generate.StopWords;
import org.tlora.golden.Shared;

/** Extraction and grading of GSM8K answers equal the published evaluation script. */
class Gsm8kGoldenTest {
  private final JsonNode golden = Json.readObject(Shared.path("golden/answers/expected.json"));

  @Test
  void everyAnswerIsExtractedAndGradedAsPublished() {
    Grader task = new Gsm8kGrader();
    for (JsonNode c : golden.path("gsm8k")) {
      Row row =
          new Row(Path.of("golden"), 1, Json.object().put("answer", c.path("gold_text").asText()));
      Verdict verdict = task.grade(row, c.path("completion").asText());
      JsonNode extracted = c.path("extracted");
      String expected =
          extracted.isNull() ? null : new BigDecimal(extracted.asText()).toBigInteger().toString();
      assertEquals(expected, verdict.extracted(), c.toString());
      assertEquals(c.path("correct").asBoolean(), verdict.correct(), c.toString());
    }
    assertEquals(121, golden.path("gsm8k").size());
  }

  @Test
  void stopWordsCutAtTheEarliestOne() {
    JsonNode stop = golden.path("stop_words");
    StopWords words = new StopWords(((TextTask) Tasks.named("gsm8k")).stop());
    assertEquals(stop.path("words").size(), words.words().size());
    for (int i = 0; i < words.words().size(); i++) {
      assertEquals(stop.path("words").get(i).asText(), words.words().get(i));
    }
    for (JsonNode c : stop.path("cases")) {
      String kept = words.cut(c.path("raw").asText());
      assertEquals(c.path("kept").asText(), kept);
      var extracted = Gsm8kGrader.extract(kept);
      assertEquals(c.path("extracted").asText("null"), String.valueOf(extracted), c.toString());
    }
  }
}
