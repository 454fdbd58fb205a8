/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.data.Labels;
import org.tlora.data.file.DataFile;
import org.tlora.data.file.RowFiles;
import org.tlora.data.format.Example;
import org.tlora.data.format.ExampleFormat;
import org.tlora.data.format.Fields;
import org.tlora.data.format.LabelledFormats;
import org.tlora.data.format.Row;
import org.tlora.data.format.RowNotes;
import org.tlora.evaluate.task.Choices;
import org.tlora.evaluate.task.Grader;
import org.tlora.evaluate.task.LabelTask;
import org.tlora.evaluate.task.TextTask;
import org.tlora.evaluate.task.Verdicts;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import org.tlora.golden.Shared;

/** Tasks are what their files say, and fit the real data. */
class TasksTest {
  @TempDir private Path directory;

  @Test
  void everyTaskOfTheListIsThere() {
    for (String name : Tasks.names()) {
      assertEquals(name, Tasks.named(name).name());
    }
    assertThrows(UsageFault.class, () -> Tasks.named("nonsense"));
  }

  @ParameterizedTest
  @CsvSource({
    "gsm8k,gsm8k-test.jsonl,1319",
    "math,MATH-test.jsonl,5000",
    "humaneval,HumanEval.jsonl.gz,164",
    "mbpp,mbpp.jsonl,500",
    "boolq,commonsense/boolq-test.json,3270",
    "piqa,commonsense/piqa-test.json,1838",
    "siqa,commonsense/social_i_qa-test.json,1954",
    "winogrande,commonsense/winogrande-test.json,1267",
    "arc-e,commonsense/ARC-Easy-test.json,2376",
    "arc-c,commonsense/ARC-Challenge-test.json,1172",
    "obqa,commonsense/openbookqa-test.json,500",
    "addsub,arithmetic/AddSub-test.json,395",
    "multiarith,arithmetic/MultiArith-test.json,600",
    "svamp,arithmetic/SVAMP-test.json,1000",
    "singleeq,arithmetic/SingleEq-test.json,508",
    "aqua,arithmetic/AQuA-test.json,254",
    "mawps,arithmetic/mawps-train.json,1898"
  })
  void everyRowOfTheRealFilesHasAPromptAndAReference(String name, String file, int count) {
    TextTask task = (TextTask) Tasks.named(name);
    List<Row> rows = TaskRows.of(task, Shared.path("data/" + file), 0).rows();
    assertEquals(count, rows.size());
    boolean code = task.metric().equals("pass@1");
    try (Grader grader = code ? null : task.grader()) {
      for (Row row : rows) {
        String prompt = task.prompt(row);
        assertTrue(prompt.length() > 40 && !prompt.contains("{instruction}"), prompt);
        if (grader != null) {
          Verdicts verdicts = grader.gradeBoth(row, "nothing");
          assertFalse(verdicts.published().correct());
          assertFalse(verdicts.lenient().correct());
        }
        if (task.hasChoices()) {
          Choices choices = task.choices(row);
          assertTrue(choices.right() < choices.all().size());
          assertTrue(choices.all().stream().allMatch(c -> c.prompt().length() > 2));
        }
      }
    }
  }

  /** The reference answers of the commonsense files are right by the tasks' own grading. */
  @ParameterizedTest
  @CsvSource({
    "boolq,boolq",
    "piqa,piqa",
    "siqa,social_i_qa",
    "winogrande,winogrande",
    "arc-e,ARC-Easy",
    "arc-c,ARC-Challenge",
    "obqa,openbookqa"
  })
  void referenceAnswersAreRight(String name, String file) {
    TextTask task = (TextTask) Tasks.named(name);
    try (Grader grader = task.grader()) {
      for (Row row :
          TaskRows.of(task, Shared.path("data/commonsense/" + file + "-test.json"), 0).rows()) {
        Verdicts verdicts = grader.gradeBoth(row, row.text("output"));
        assertTrue(verdicts.published().correct(), row.where());
        assertTrue(verdicts.lenient().correct(), row.where());
      }
    }
  }

  /** Every row of GLUE's own files has texts and a label that a model of its classes knows. */
  @ParameterizedTest
  @CsvSource({
    "cola,CoLA,1043",
    "mrpc,MRPC,408",
    "rte,RTE,277",
    "sst2,SST-2,872",
    "stsb,STS-B,1500"
  })
  void gluesFilesAreRead(String name, String file, int count) {
    LabelTask task = (LabelTask) Tasks.named(name);
    List<Row> rows = TaskRows.of(task, Shared.path("data/glue/" + file + "-dev.tsv"), 0).rows();
    assertEquals(count, rows.size());
    Labels labels = task.classes().isEmpty() ? Labels.NUMBERS : new Labels(task.classes());
    ExampleFormat format = LabelledFormats.choose("auto", Fields.OWN, rows.get(0));
    for (Row row : rows) {
      Example.Labelled e = (Example.Labelled) format.read(row, new RowNotes(false));
      assertTrue(task.valueOf(e.label(), labels, e.where()) >= 0);
      assertEquals(!name.equals("cola") && !name.equals("sst2"), e.second() != null);
    }
  }

  /** Files have names or numbers, and so have models. */
  @Test
  void labelsMeetByNameOrNumber() {
    LabelTask rte = (LabelTask) Tasks.named("rte");
    for (List<String> model :
        List.of(
            List.of("entailment", "not_entailment"),
            List.of("0", "1"),
            List.of("LABEL_0", "LABEL_1"))) {
      assertEquals(1, rte.valueOf("not_entailment", new Labels(model), "x"));
      assertEquals(1, rte.valueOf("1", new Labels(model), "x"));
    }
    Labels turned = new Labels(List.of("not_entailment", "entailment"));
    assertEquals(1, rte.valueOf("0", turned, "x"), "0 is entailment, which this model calls 1");
    assertThrows(InputFault.class, () -> rte.valueOf("maybe", turned, "x"));
    assertThrows(InputFault.class, () -> rte.valueOf("0", Labels.NUMBERS, "x"));
  }

  @Test
  void aTaskOfAUsersOwn() throws IOException {
    Path file = directory.resolve("capitals.yaml");
    Files.writeString(
        file,
        """
        name: capitals
        reference: our own
        examples: "Q: France? A: Paris\\n"
        prompt: "Q: {country}? A:"
        stop: ["\\n"]
        max-new-tokens: 8
        grader:
          kind: pattern
          pattern: "[A-Z][a-z]+"
          gold: city
        category: continent
        """);
    TextTask task = (TextTask) Tasks.named(file.toString());
    Path rows = directory.resolve("rows.jsonl");
    Files.writeString(
        rows,
        """
        {"country": "Peru", "city": "Lima", "continent": "America", "completion": " Lima, of course"}
        {"country": "Chad", "city": "Ndjamena", "continent": "Africa", "completion": "Paris\\nLima"}
        """);
    List<Row> read = RowFiles.read(DataFile.of(rows));
    assertEquals("Q: France? A: Paris\nQ: Peru? A:", task.prompt(read.get(0)));
    TaskResult result = TaskRunner.graded(task, read, GradingStyle.PUBLISHED);
    assertEquals(0.5, result.value());
    assertEquals(1, result.categories().get("America").value());
    assertEquals(0, result.categories().get("Africa").value());
    assertEquals("Paris", result.samples().get(1).path("extracted").asText());
    Files.writeString(file, Files.readString(file) + "temprature: 1\n");
    UsageFault fault = assertThrows(UsageFault.class, () -> Tasks.named(file.toString()));
    assertTrue(fault.getMessage().contains("temprature"), fault.getMessage());
  }

  /** A score has what the other way of reading gives where it is another. */
  @Test
  void bothGradingsAreShownWhereTheyDiffer() {
    List<Row> rows = new java.util.ArrayList<>();
    for (int i = 0; i < 10; i++) {
      String said = i < 2 ? "The answer is: 18" : i < 9 ? "So it is \\boxed{18}." : "17";
      ObjectNode row = Json.object().put("question", "q").put("answer", "#### 18");
      rows.add(new Row(Path.of("rows"), i + 1, row.put("completion", said)));
    }
    TextTask task = (TextTask) Tasks.named("gsm8k");
    ObjectNode strict = TaskRunner.graded(task, rows, GradingStyle.PUBLISHED).toJson();
    ObjectNode lenient = TaskRunner.graded(task, rows, GradingStyle.LENIENT).toJson();
    assertEquals("published", strict.path("grading").asText());
    assertEquals(0.2, strict.path("value").asDouble());
    assertEquals(0.9, strict.path("value_lenient").asDouble());
    assertEquals(0.1, strict.path("stderr_lenient").asDouble(), 1e-12);
    assertEquals("lenient", lenient.path("grading").asText());
    assertEquals(0.9, lenient.path("value").asDouble());
    assertEquals(0.2, lenient.path("value_published").asDouble());
    TaskResult alike = TaskRunner.graded(task, rows.subList(0, 2), GradingStyle.LENIENT);
    assertFalse(alike.toJson().has("value_published"));
    ObjectNode sample = alike.samples().get(0);
    assertTrue(sample.path("correct").asBoolean() && sample.path("correct_published").asBoolean());
    assertEquals("18", sample.path("extracted_published").asText());
    TaskResult rest = TaskRunner.graded(task, rows.subList(2, 4), GradingStyle.PUBLISHED);
    assertTrue(rest.samples().get(0).path("extracted").isNull());
    assertTrue(rest.samples().get(0).path("correct_lenient").asBoolean());
  }

  /** Hub copies of MATH have the answer alone. */
  @Test
  void aReferenceWithoutABoxIsTakenAsItIs() {
    Row row = new Row(Path.of("rows"), 1, Json.object().put("answer", "\\frac{1}{2}"));
    assertTrue(new MathGrader().grade(row, "The answer is: 1/2").correct());
    assertFalse(new MathGrader().grade(row, "The answer is: 1/3").correct());
    Row open = new Row(Path.of("rows"), 1, Json.object().put("answer", "\\boxed{4"));
    assertFalse(new MathGrader().grade(open, "The answer is: \\boxed{4").correct());
  }

  /** By the definition, 1 − C(n−c, k)/C(n, k), over all subsets. */
  @Property(tries = 200)
  void passAtKIsTheShareOfSubsetsWithARightOne(
      @ForAll @IntRange(min = 1, max = 10) int n,
      @ForAll @IntRange(min = 0, max = 10) int right,
      @ForAll @IntRange(min = 1, max = 10) int k) {
    int c = Math.min(right, n);
    int size = Math.min(k, n);
    int hits = 0;
    int all = 0;
    for (int set = 0; set < 1 << n; set++) {
      if (Integer.bitCount(set) == size) {
        all++;
        hits += (set & ((1 << c) - 1)) != 0 ? 1 : 0;
      }
    }
    assertEquals((double) hits / all, Scores.passAt(size, n, c), 1e-12);
  }

  @Test
  void pairedComparisonsCountFlips() {
    List<Row> a = samples("1110000000");
    List<Row> b = samples("0111111100");
    PairedComparison c = PairedComparison.of(a, b).get(0);
    assertEquals(0.3, c.first(), 1e-12);
    assertEquals(0.7, c.second(), 1e-12);
    assertEquals(List.of(1L), c.lost());
    assertEquals(List.of(4L, 5L, 6L, 7L, 8L), c.gained());
    assertEquals(0.21875, c.p(), 1e-9, "two-sided binomial of 1 in 6");
    assertEquals(1, PairedComparison.of(a, a).get(0).p());
  }

  private static List<Row> samples(String verdicts) {
    List<Row> rows = new java.util.ArrayList<>();
    for (int i = 0; i < verdicts.length(); i++) {
      rows.add(
          new Row(
              Path.of("samples"),
              i + 1,
              Json.object()
                  .put("task", "t")
                  .put("row", i + 1)
                  .put("correct", verdicts.substring(i, i + 1).equals("1"))));
    }
    return rows;
  }
}
