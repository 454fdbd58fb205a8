/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.tlora.collective.Collective;
import org.tlora.data.format.Row;
import org.tlora.evaluate.task.Grader;
import org.tlora.evaluate.task.TextTask;
import org.tlora.evaluate.task.Verdict;
import org.tlora.evaluate.task.Verdicts;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.generate.Generation;
import org.tlora.generate.GenerationRequest;
import org.tlora.generate.Generator;
import org.tlora.generate.StopWords;
import org.tlora.text.Tokenizer;

/** Scores what a decoder writes. */
final class TextEvaluation {
  private final TextTask task;
  private final Grader grader;
  private final GradingStyle style;
  private final List<Row> rows;
  private final int repeats;
  private final ObjectNode[] samples;
  private long tokens;

  private TextEvaluation(
      TextTask task, Grader grader, GradingStyle style, List<Row> rows, int repeats) {
    this.task = task;
    this.grader = grader;
    this.style = style;
    this.rows = rows;
    this.repeats = repeats;
    this.samples = new ObjectNode[rows.size() * repeats];
  }

  /** Generates and grades what the log does not have yet. */
  static TaskResult generated(
      TextTask task,
      Grader grader,
      List<Row> rows,
      TaskRunner.How how,
      Generator generator,
      Tokenizer tokenizer,
      SampleLog log,
      Collective group,
      IntConsumer afterEach) {
    long start = System.nanoTime();
    TextEvaluation e = new TextEvaluation(task, grader, how.grading(), rows, how.repeats());
    for (int i = 0; i < e.samples.length; i++) {
      String text = task.prompt(e.row(i));
      e.samples[i] = log.find(task.name(), e.row(i).number(), e.repeat(i), text).orElse(null);
    }
    SharedSamples shared = new SharedSamples(group);
    shared.shareKnown(e.samples);
    List<Integer> todo =
        IntStream.range(0, e.samples.length).filter(i -> e.samples[i] == null).boxed().toList();
    int[] done = {e.samples.length - todo.size()};
    shared.run(
        todo,
        how.rowsAtOnce(),
        (some, taker) -> e.generate(some, how, generator, tokenizer, taker),
        (sample, line) -> {
          e.take(sample, line, log);
          afterEach.accept(++done[0]);
        });
    e.tokens = (long) group.sum((double) e.tokens)[0];
    var speed = new TaskResult.Speed((System.nanoTime() - start) / 1e9, e.tokens);
    return e.result(speed);
  }

  /** Generates samples, and tells of each as soon as it is there. */
  private void generate(
      List<Integer> some,
      TaskRunner.How how,
      Generator generator,
      Tokenizer tokenizer,
      SharedSamples.Taker taker) {
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i : some) {
      int[] prompt = tokenizer.encode(task.prompt(row(i)), true);
      requests.add(new GenerationRequest(prompt, task.maxNewTokens()).withStream(i));
    }
    generator.generate(
        requests,
        how.sampling(),
        new StopWords(task.stop()),
        how.rowsAtOnce(),
        (index, g) -> {
          tokens += g.ids().length;
          taker.take(some.get(index), line(some.get(index), g));
        });
  }

  private ObjectNode line(int sample, Generation g) {
    Row row = row(sample);
    Verdicts verdicts = grader.gradeBoth(row, g.text());
    ObjectNode line = line(row, task.prompt(row), g.text(), verdicts);
    if (repeats > 1) {
      line.put("repeat", repeat(sample));
    }
    return line;
  }

  private void take(int sample, ObjectNode line, SampleLog log) {
    samples[sample] = line;
    log.add(line);
  }

  private Row row(int sample) {
    return rows.get(sample / repeats);
  }

  private int repeat(int sample) {
    return sample % repeats;
  }

  private ObjectNode line(Row row, String prompt, String completion, Verdicts verdicts) {
    Verdict verdict = style.of(verdicts);
    Verdict other = style.other().of(verdicts);
    ObjectNode line = Json.object();
    line.put("task", task.name()).put("row", row.number());
    if (row.fields().path("task_id").isValueNode() && row.has("task_id")) {
      line.put("task_id", row.text("task_id"));
    }
    line.put("prompt", prompt).put("completion", completion);
    line.put("extracted", verdict.extracted()).put("correct", verdict.correct());
    String suffix = "_" + style.other().label();
    line.put("extracted" + suffix, other.extracted()).put("correct" + suffix, other.correct());
    verdict.parts().forEach((part, passed) -> line.put(Scores.PART + part, passed));
    task.category(row).ifPresent(category -> line.put("category", category));
    return line;
  }

  /**
   * Grades answers that exist already, in the field {@code completion}, or whole programs in the
   * field {@code solution}.
   *
   * @throws InputFault if a row has none
   */
  static TaskResult given(TextTask task, Grader grader, List<Row> rows, GradingStyle style) {
    TextEvaluation e = new TextEvaluation(task, grader, style, rows, 1);
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      e.samples[i] = e.given(row);
    }
    return e.result(null);
  }

  private ObjectNode given(Row row) {
    JsonNode completion = row.fields().path("completion");
    JsonNode solution = row.fields().path("solution");
    if (!completion.isTextual() && solution.isTextual()) {
      Verdict verdict = grader.gradeSolution(row, solution.asText());
      return line(row, null, solution.asText(), new Verdicts(verdict, verdict));
    }
    if (!completion.isTextual()) {
      throw new InputFault(row.where() + ": field 'completion' is missing");
    }
    String text = new StopWords(task.stop()).cut(completion.asText());
    return line(row, null, text, grader.gradeBoth(row, text));
  }

  private TaskResult result(TaskResult.Speed speed) {
    return Scores.ofGraded(task, style, List.of(samples), speed);
  }
}
