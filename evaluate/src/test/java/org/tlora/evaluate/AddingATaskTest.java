/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Constructor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.data.format.Row;
import org.tlora.docs.WorkedExample;
import org.tlora.engine.DType;
import org.tlora.evaluate.task.Grader;
import org.tlora.evaluate.task.TextTask;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.generate.Sampling;
import org.tlora.model.AdapterMix;
import org.tlora.quickstart.TinyModels;

/**
 * The worked examples of docs/adding-a-task.md: the task is asked and graded, the grader grades.
 */
class AddingATaskTest {
  private static final String PAGE = "adding-a-task.md";

  @TempDir private Path directory;

  private TextTask task() throws Exception {
    Path file = directory.resolve("capitals.yaml");
    Files.writeString(file, WorkedExample.block(PAGE, "yaml", 0));
    return (TextTask) Tasks.named(file.toString());
  }

  /** The row that the page shows, with an answer. */
  private static Row row(long number, String completion) throws Exception {
    String json = WorkedExample.block(PAGE, "json", 0);
    return new Row(
        Path.of("rows"), number, Json.parseObject(json, "row").put("completion", completion));
  }

  @Test
  void theTaskPutsItsQuestionAndGradesAnswers() throws Exception {
    TextTask task = task();
    List<Row> rows = List.of(row(1, " Lima\nQ: Lyon"), row(2, "the city\nLima"));
    assertEquals(
        "Q: What is the capital of France?\nA: Paris\nQ: What is the capital of Peru?\nA:",
        task.prompt(rows.get(0)));
    TaskResult result = TaskRunner.graded(task, rows, GradingStyle.PUBLISHED);
    assertEquals(0.5, result.value());
    assertEquals("Lima", result.samples().get(0).path("extracted").asText());
    assertTrue(result.samples().get(1).path("extracted").isNull(), "stopped before it");
    assertEquals(2, result.categories().get("America").count());
  }

  @Test
  void aModelIsScoredOnTheTaskBothWays() throws Exception {
    List<Row> rows = List.of(row(1, ""));
    try (TinyModels tiny = new TinyModels(directory.resolve("model"), DType.FLOAT32)) {
      for (boolean byLikelihood : new boolean[] {false, true}) {
        TaskRunner.How how =
            new TaskRunner.How(2, 1, Sampling.GREEDY, byLikelihood, GradingStyle.PUBLISHED);
        TaskResult result =
            new TaskRunner(tiny.files(), tiny.model(), AdapterMix.NONE, how)
                .run(task(), rows, SampleLog.none(), done -> {});
        assertEquals(1, result.count());
      }
    }
  }

  @Test
  void theGraderWantsTheWholeAnswer() throws Exception {
    Class<?> example = WorkedExample.compiled(PAGE, 0, directory);
    Constructor<?> constructor = example.getDeclaredConstructor(String.class);
    Grader grader = (Grader) constructor.newInstance("city");
    Row row = row(1, "");
    assertTrue(grader.grade(row, " LIMA.\n").correct());
    assertFalse(grader.grade(row, "It is Lima.").correct());
    assertEquals("it is lima", grader.grade(row, "It  is\nLima.").extracted());
    Grader other = (Grader) constructor.newInstance("nothing");
    assertThrows(InputFault.class, () -> other.grade(row, "Lima"));
  }

  @Test
  void aProgramsTaskIsAskedGradedAndCutWhereItStops() throws Exception {
    Class<?> example = WorkedExample.compiled(PAGE, 1, directory);
    TextTask task = (TextTask) example.getDeclaredConstructor().newInstance();
    List<Row> rows = List.of(row(1, " lima. And"), row(2, " It is Lima"));
    assertEquals("The capital of Peru is", task.prompt(rows.get(0)));
    TaskResult result = TaskRunner.graded(task, rows, GradingStyle.LENIENT);
    assertEquals(0.5, result.value());
    assertEquals("lima", result.samples().get(0).path("extracted").asText());
    try (TinyModels tiny = new TinyModels(directory.resolve("model"), DType.FLOAT32)) {
      TaskRunner.How greedy = TaskRunner.How.GREEDY;
      TaskResult asked =
          new TaskRunner(tiny.files(), tiny.model(), AdapterMix.NONE, greedy)
              .run(task, rows, SampleLog.none(), done -> {});
      assertEquals(2, asked.count());
    }
  }
}
