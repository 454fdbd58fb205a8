/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.BigRange;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.data.format.Row;
import org.tlora.evaluate.task.Grader;
import org.tlora.evaluate.task.TextTask;
import org.tlora.evaluate.task.Verdict;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;
import org.tlora.golden.Shared;
import org.tlora.testing.StartsProcess;
import org.tlora.testing.Tags;

/** Answers as chat models write them, with the verdicts of a reader ({@code lenient.jsonl}). */
class LenientGoldenTest {
  private static List<Row> rows(String task) throws IOException {
    List<Row> rows = new ArrayList<>();
    try (InputStream in = LenientGoldenTest.class.getResourceAsStream("lenient.jsonl")) {
      String all = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      long number = 0;
      for (String line : all.split("\n", -1)) {
        number++;
        if (line.contains("\"task\": \"" + task + "\"")) {
          rows.add(new Row(Path.of("lenient.jsonl"), number, Json.parseObject(line, "a row")));
        }
      }
    }
    return rows;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gsm8k",
        "addsub",
        "svamp",
        "mawps",
        "math",
        "aqua",
        "arc-c",
        "piqa",
        "siqa",
        "winogrande",
        "boolq"
      })
  void verdictsAreThoseOfAReader(String task) throws IOException {
    compareWithReader(task);
  }

  @StartsProcess
  @ParameterizedTest
  @ValueSource(strings = {"humaneval", "mbpp"})
  void verdictsOnProgramsAreThoseOfAReader(String task) throws IOException {
    compareWithReader(task);
  }

  private static void compareWithReader(String task) throws IOException {
    TextTask text = (TextTask) Tasks.named(task);
    List<String> wrong = new ArrayList<>();
    List<Row> rows = rows(task);
    try (Grader grader = text.grader()) {
      for (Row row : rows) {
        Verdict v = grader.gradeBoth(row, row.text("completion")).lenient();
        if (v.correct() != row.fields().path("correct").asBoolean()) {
          wrong.add(v + " of " + Json.compact(row.fields()));
        }
      }
    } catch (RunFault e) {
      Assumptions.abort(e.getMessage());
    }
    assertEquals("", String.join("\n", wrong));
    assertTrue(rows.size() > 2, task);
  }

  /** The data's own solutions are right for a reader. */
  @ParameterizedTest
  @CsvSource({
    "gsm8k,gsm8k-test.jsonl,answer",
    "math,MATH-test.jsonl,answer",
    "addsub,arithmetic/AddSub-test.json,answer",
    "svamp,arithmetic/SVAMP-test.json,answer"
  })
  void ownSolutionsAreRight(String name, String file, String field) {
    TextTask task = (TextTask) Tasks.named(name);
    List<String> wrong = new ArrayList<>();
    try (Grader grader = task.grader()) {
      for (Row row : TaskRows.of(task, Shared.path("data/" + file), 0).rows()) {
        Verdict v = grader.gradeBoth(row, row.text(field)).lenient();
        if (!v.correct()) {
          wrong.add(row.number() + ": " + v);
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  /** Whatever number it is, however its thousands are set apart. */
  @Property(tries = 300)
  void groupsOfThreeAreOneNumber(
      @ForAll @BigRange(min = "0", max = "999999999999999") java.math.BigInteger n) {
    String plain = n.toString();
    for (String separator : List.of(",", "{,}", "\u202F", "'", ",\\!", "\\,")) {
      String grouped =
          Pattern.compile("(?<=\\d)(?=(?:\\d{3})+$)").matcher(plain).replaceAll(m -> "\u0000");
      String said = "So it is $" + grouped.replace("\u0000", separator) + ".";
      assertEquals(plain, LenientNumberGrader.extract(said).value().text(), said);
    }
  }

  /** Nothing that a model writes ends the evaluation, or takes long. */
  @Property(tries = 500)
  @Tag(Tags.SLOW)
  void anyTextHasAVerdict(@ForAll String text, @ForAll String more) throws IOException {
    String odd = text + "The answer is \\boxed{" + more + "} $" + more + "$ 1,,2 \\frac" + text;
    for (String task : List.of("gsm8k", "math", "aqua", "arc-c", "boolq")) {
      Row row = rows(task).get(0);
      try (Grader grader = ((TextTask) Tasks.named(task)).grader()) {
        grader.gradeBoth(row, odd);
        grader.gradeBoth(row, text);
      }
      assertTrue(!LenientCodeText.of(odd, "f").isEmpty());
    }
  }
}
