/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.data.RowFields;
import org.tlora.evaluate.task.Choices;
import org.tlora.evaluate.task.Grader;
import org.tlora.evaluate.task.TextTask;
import org.tlora.evaluate.task.Verdict;
import org.tlora.fault.UsageFault;
import org.tlora.run.StopSignal;

/** A program's own tasks and graders, and how models are scored on them. */
class EvaluationTest {
  @TempDir private Path directory;
  private String model;
  private Path data;

  /** Whether an answer has the letter that the row asks for. Counts its graders. */
  private static class Letters implements TextTask {
    private final List<String> opened = new ArrayList<>();

    @Override
    public String name() {
      return "letters";
    }

    @Override
    public String prompt(RowFields row) {
      return "Write " + row.text("letter");
    }

    @Override
    public int maxNewTokens() {
      return 4;
    }

    @Override
    public boolean has(RowFields row) {
      return row.has("letter");
    }

    @Override
    public Optional<String> category(RowFields row) {
      return Optional.of(row.text("letter").equals("a") ? "vowel" : "consonant");
    }

    @Override
    public boolean hasChoices() {
      return true;
    }

    @Override
    public Choices choices(RowFields row) {
      return Choices.of(prompt(row), List.of(" a", " b"), row.text("letter").equals("a") ? 0 : 1);
    }

    @Override
    public Grader grader() {
      opened.add("open");
      Grader strict = (row, answer) -> new Verdict(answer, answer.equals(row.text("letter")));
      Grader lenient =
          new Grader() {
            @Override
            public Verdict grade(RowFields row, String answer) {
              return new Verdict(answer, answer.contains(row.text("letter")));
            }

            @Override
            public void close() {
              opened.add("closed");
            }
          };
      return strict.readAs(lenient);
    }
  }

  @BeforeEach
  void prepare() throws IOException {
    Path files = directory.resolve("model");
    RememberedTest.template(files);
    model = files.toString();
    data = directory.resolve("letters.jsonl");
    Files.writeString(
        data,
        """
        {"letter": "a", "completion": "a"}
        {"other": "row", "completion": "a"}
        {"letter": "b", "completion": "a b"}
        """);
  }

  private LanguageModel load() {
    return LanguageModel.of(model).dtype("float32").load();
  }

  private Tuning tuning(String output) throws IOException {
    Path rows = directory.resolve("rows.jsonl");
    Files.writeString(
        rows, "{\"instruction\": \"Double la.\", \"response\": \"lala\"}\n".repeat(8));
    return Tuning.builder()
        .data(rows.toString())
        .template("plain")
        .rank(2)
        .steps(1)
        .batchSize(2)
        .dtype("float32")
        .output(directory.resolve(output))
        .build();
  }

  @Test
  void aProgramsTaskIsAskedAndItsGraderClosed() throws IOException {
    Letters task = new Letters();
    Path samples = directory.resolve("samples.jsonl");
    Evaluation evaluation =
        Evaluation.builder().task(task, data).samples(samples).batchSize(2).build();
    try (LanguageModel base = load()) {
      TaskScore score = base.evaluate(evaluation).get(0);
      assertEquals("letters", score.task());
      assertEquals("accuracy", score.metric());
      assertEquals(2, score.count(), "the row of another task is passed over");
      assertEquals(1, score.categories().get("vowel").count());
      assertNotNull(score.speed());
      assertTrue(score.json().startsWith("{\"task\":\"letters\""), score.json());
    }
    assertEquals(List.of("open", "closed"), task.opened);
    String asked = Files.readString(samples);
    assertTrue(asked.contains("\"prompt\":\"Write b\""), asked);
  }

  @Test
  void itsChoicesAreScoredByLikelihood() {
    Evaluation evaluation =
        Evaluation.builder().task(new Letters(), data).byLikelihood(true).build();
    try (LanguageModel base = load()) {
      TaskScore score = base.evaluate(evaluation).get(0);
      assertEquals("acc", score.metric());
      assertNull(score.grading());
      assertTrue(score.others().containsKey("acc_norm"), score.others().toString());
    }
  }

  @Test
  void answersThatExistAreGradedInBothStylesWithoutAModel() throws IOException {
    Path answers = directory.resolve("answers.jsonl");
    Files.writeString(
        answers,
        """
        {"letter": "a", "completion": "a"}
        {"letter": "b", "completion": "a b"}
        {"letter": "b", "completion": "a"}
        """);
    for (String style : List.of("published", "lenient")) {
      TaskScore score =
          Evaluation.builder()
              .task(new Letters(), null)
              .grading(style)
              .build()
              .grade(answers)
              .get(0);
      assertEquals(style, score.grading());
      assertEquals(style.equals("published") ? 1 / 3.0 : 2 / 3.0, score.value(), 1e-12);
      assertNull(score.speed());
    }
  }

  @Test
  void whatIsWrongIsSaidAtOnceByProperty() {
    UsageFault fault =
        assertThrows(
            UsageFault.class,
            () -> Evaluation.builder().task("nonsense", data).limit(-1).topP(0.5).build());
    for (String property : List.of("`task` nonsense", "`limit`", "`topP`")) {
      assertTrue(fault.getMessage().contains(property), fault.getMessage());
    }
    try (LanguageModel opened = LanguageModel.of(model).open()) {
      Evaluation noRows = Evaluation.builder().task("gsm8k").build();
      UsageFault missing = assertThrows(UsageFault.class, () -> opened.evaluate(noRows));
      assertTrue(missing.getMessage().contains("`taskData`"), missing.getMessage());
    }
  }

  /** The same name in another file may be another grading. */
  @Test
  void samplesOfAnotherTaskOfTheNameAreNotTakenUp() throws IOException {
    Path samples = directory.resolve("samples.jsonl");
    List<Evaluation> evaluations = new ArrayList<>();
    for (String gold : List.of("letter", "completion")) {
      Path file = directory.resolve(gold + ".yaml");
      Files.writeString(
          file,
          """
          name: same
          prompt: "Write {letter}"
          max-new-tokens: 4
          grader: {kind: pattern, pattern: "([a-z])", gold: GOLD}
          """
              .replace("GOLD", gold));
      evaluations.add(Evaluation.builder().task(file.toString(), data).samples(samples).build());
    }
    assertNotEquals(evaluations.get(0).settings(), evaluations.get(1).settings());
  }

  @Test
  void aComparisonScoresAsTheEvaluationSays() throws IOException {
    TextTask alwaysLikely =
        new Letters() {
          @Override
          public Choices choices(RowFields row) {
            return Choices.of(prompt(row), List.of(" a", " a a a a a a a a a"), 0);
          }
        };
    Evaluation byLikelihood =
        Evaluation.builder().task(alwaysLikely, data).byLikelihood(true).build();
    try (LanguageModel opened = LanguageModel.of(model).open()) {
      assertTrue(
          opened.compare(
              tuning("likely"), Contest.of("lora").scoredOn(byLikelihood), StopSignal.NEVER));
      Evaluation kept =
          Evaluation.builder().task(new Letters(), data).samples(directory.resolve("s")).build();
      UsageFault fault =
          assertThrows(
              UsageFault.class,
              () ->
                  opened.compare(
                      tuning("kept"), Contest.of("lora").scoredOn(kept), StopSignal.NEVER));
      assertTrue(fault.getMessage().contains("`samples`"), fault.getMessage());
    }
    String result;
    try (var files = Files.walk(directory.resolve("likely"))) {
      Path json =
          files
              .filter(f -> f.getFileName().toString().equals("result.json"))
              .findFirst()
              .orElseThrow();
      result = Files.readString(json);
    }
    assertTrue(result.contains("\"value\" : 1.0"), result);
  }

  /** A comparison goes on from scores of the same prompts, and not from those of other ones. */
  @Test
  void aComparisonIsScoredOnIt() throws IOException {
    Tuning tuning = tuning("table");
    Contest contest =
        Contest.of("lora").scoredOn(Evaluation.builder().task(new Letters(), data).build());
    try (LanguageModel opened = LanguageModel.of(model).open()) {
      assertTrue(opened.compare(tuning, contest, StopSignal.NEVER));
    }
    String table = Files.readString(directory.resolve("table/comparison.md"));
    assertTrue(table.contains("letters"), table);
    assertFalse(table.contains("failed"), table);
  }
}
