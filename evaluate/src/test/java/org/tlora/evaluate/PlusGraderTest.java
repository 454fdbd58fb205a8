/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.data.format.Row;
import org.tlora.evaluate.task.TextTask;
import org.tlora.evaluate.task.Verdict;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;
import org.tlora.testing.StartsProcess;
import org.tlora.testing.TakesLong;

/**
 * Rows made for the purpose, of which EvalPlus gives the same verdicts ({@code
 * interop/check-evalplus}).
 */
@StartsProcess
class PlusGraderTest {
  private static PlusGrader human;
  private static PlusGrader mbpp;

  /** Where the machine allows no sandbox, that it says so is tested elsewhere. */
  @BeforeAll
  static void open() {
    try {
      human = PlusGrader.open(PlusGrader.Data.HUMANEVAL);
      mbpp = PlusGrader.open(PlusGrader.Data.MBPP);
    } catch (RunFault e) {
      Assumptions.abort(e.getMessage());
    }
  }

  @AfterAll
  static void close() {
    if (human != null) {
      human.close();
      mbpp.close();
    }
  }

  private static List<Row> rows(String file) {
    try (var in = PlusGraderTest.class.getResourceAsStream("evalplus/" + file)) {
      List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      return IntStream.range(0, lines.size())
          .mapToObj(i -> new Row(Path.of(file), i + 1, Json.parseObject(lines.get(i), file)))
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Row row(String file, String task) {
    return rows(file).stream()
        .filter(r -> r.text("task_id").equals(task))
        .findFirst()
        .orElseThrow();
  }

  /** The verdicts in the file are those of EvalPlus. Some answers never end. */
  private static void verdictsAreThoseOfEvalPlus(Predicate<Row> some) throws Exception {
    ExecutorService several = Executors.newFixedThreadPool(6);
    try {
      List<Callable<Void>> all = new ArrayList<>();
      for (Row answer : rows("answers.jsonl")) {
        if (some.test(answer)) {
          all.add(
              () -> {
                verdictIsThatOfEvalPlus(answer);
                return null;
              });
        }
      }
      assertTrue(all.size() >= 10);
      for (Future<Void> each : several.invokeAll(all)) {
        each.get();
      }
    } finally {
      several.shutdownNow();
    }
  }

  @Test
  void numbersAndSetsAreComparedAsEvalPlusDoes() throws Exception {
    List<String> quick = List.of("HumanEval/1", "HumanEval/3", "Mbpp/2");
    verdictsAreThoseOfEvalPlus(answer -> quick.contains(answer.text("task_id")));
  }

  @TakesLong
  @Test
  void allVerdictsAreThoseOfEvalPlus() throws Exception {
    verdictsAreThoseOfEvalPlus(answer -> true);
  }

  private static void verdictIsThatOfEvalPlus(Row answer) {
    String task = answer.text("task_id");
    boolean isHuman = task.startsWith("HumanEval");
    Row row = row(isHuman ? "humaneval.jsonl" : "mbpp.jsonl", task);
    PlusGrader grader = isHuman ? human : mbpp;
    Verdict verdict = grader.gradeSolution(row, answer.text("solution"));
    String which = task + ", " + answer.text("why");
    Map<String, Boolean> want =
        Map.of("base", passes(answer, "base"), "plus", passes(answer, "plus"));
    assertEquals(want, verdict.parts(), which);
    assertEquals(!want.containsValue(false), verdict.correct(), which);
  }

  private static boolean passes(Row answer, String which) {
    return answer.text(which).equals("pass");
  }

  @Test
  void anAnswerIsThePromptAndWhatFollows() {
    Row row = row("humaneval.jsonl", "HumanEval/0");
    String body = row.text("canonical_solution");
    Verdict whole = human.grade(row, "```python\n" + row.text("prompt") + body + "```");
    assertTrue(whole.correct(), "the whole function once more");
    assertTrue(whole.extracted().startsWith(row.text("prompt")));
    assertTrue(human.grade(row, body).correct());
    assertFalse(human.grade(row, "    return None\n").correct());
    String talk = "Here it is:\n\n" + row.text("prompt") + body + "\nI hope that helps!";
    assertFalse(human.gradeBoth(row, talk).published().correct());
    assertTrue(human.gradeBoth(row, talk).lenient().correct(), "a reader finds it");
  }

  @ParameterizedTest
  @CsvSource({
    "base_input,{\"a\":1},must be missing,or no list",
    "base_input,[1],must be,a list of lists",
    "atol,\"x\",no,number",
    "task_id,\"HumanEval/x\",must end,in a number",
    "entry_point,\"a b\",is no,name",
    "canonical_solution,\"    return 1 / 0\",its own solution,does not run"
  })
  void aRowThatIsNoneIsNamed(String field, String value, String ignored, String says) {
    Row good = row("humaneval.jsonl", "HumanEval/0");
    Row bad =
        new Row(
            Path.of("rows.jsonl"),
            7,
            good.fields().deepCopy().set(field, Json.parse(value, "a value")));
    InputFault fault = assertThrows(InputFault.class, () -> human.grade(bad, "    return 1\n"));
    assertTrue(fault.getMessage().contains("rows.jsonl"), fault.getMessage());
    assertTrue(fault.getMessage().contains(says), fault.getMessage());
  }

  @Test
  void anAnswerCannotSayThatTheReferenceFailed() {
    Row row = row("humaneval.jsonl", "HumanEval/0");
    String forged =
        "    class _ReferenceFailed(Exception):\n        pass\n    raise _ReferenceFailed('x')\n";
    assertFalse(human.grade(row, forged).correct());
    String early =
        "    pass\nclass _ReferenceFailed(Exception):\n    pass\nraise _ReferenceFailed('x')";
    assertFalse(human.grade(row, early).correct());
  }

  /** What stands at its top keeps a program from being tested, but not a reader from reading it. */
  @Test
  void aReaderPassesOverWhatAProgramTriesOutAtItsTop() {
    Row row = row("mbpp.jsonl", "Mbpp/2");
    String tried =
        "def similar_elements(a, b):\n    return tuple(set(a) & set(b))\n\nprint(similar_elements(1))\n";
    assertFalse(mbpp.gradeBoth(row, tried).published().correct());
    assertTrue(mbpp.gradeBoth(row, tried).lenient().correct());
  }

  @Test
  void theTasksAreKnown() {
    for (String name : List.of("humaneval+", "mbpp+")) {
      TextTask task = (TextTask) Tasks.named(name);
      assertEquals("pass@1", task.metric());
      Row row = rows(name.replace("+", ".jsonl")).get(0);
      assertTrue(task.prompt(row).contains(row.text("prompt").strip()));
    }
  }
}
