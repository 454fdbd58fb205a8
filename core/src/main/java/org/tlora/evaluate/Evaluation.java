package org.tlora.evaluate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.tlora.data.Row;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.generate.Generation;
import org.tlora.generate.GenerationRequest;
import org.tlora.generate.Generator;
import org.tlora.generate.Sampling;
import org.tlora.text.Tokenizer;

/**
 * A task's score.
 *
 * @param samples one for each row, in order
 */
public record Evaluation(GenerationTask task, List<Sample> samples) {
  /**
   * One row.
   *
   * @param prompt what the model saw, or null where the completion was given
   */
  public record Sample(Row row, String prompt, String completion, Verdict verdict) {
    /** As a line of a file of samples. */
    public ObjectNode toJson(Task task) {
      ObjectNode line = Json.object();
      line.put("task", task.name()).put("row", row.number());
      line.put("prompt", prompt).put("completion", completion);
      line.put("extracted", verdict.extracted()).put("correct", verdict.correct());
      return line;
    }
  }

  /** Generates an answer to every row, greedily, and grades it. */
  public static Evaluation generated(
      GenerationTask task,
      List<Row> rows,
      Generator generator,
      Tokenizer tokenizer,
      int atOnce,
      IntConsumer afterEach) {
    List<String> prompts = new ArrayList<>();
    List<GenerationRequest> requests = new ArrayList<>();
    for (Row row : rows) {
      String prompt = task.template().promptFor(task.question(row));
      prompts.add(prompt);
      requests.add(new GenerationRequest(tokenizer.encode(prompt, true), task.maxNewTokens()));
    }
    List<Generation> answers =
        generator.generate(requests, Sampling.GREEDY, task.stopWords(), atOnce, afterEach);
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      String completion = answers.get(i).text();
      Verdict verdict = task.grade(rows.get(i), completion);
      samples.add(new Sample(rows.get(i), prompts.get(i), completion, verdict));
    }
    return new Evaluation(task, samples);
  }

  /**
   * Grades answers that exist already, in the field {@code completion}.
   *
   * @throws InputFault if a row has none
   */
  public static Evaluation given(GenerationTask task, List<Row> rows) {
    List<Sample> samples = new ArrayList<>();
    for (Row row : rows) {
      if (!row.fields().path("completion").isTextual()) {
        throw new InputFault(row.where() + ": field 'completion' is missing");
      }
      String completion = task.stopWords().cut(row.fields().path("completion").asText());
      samples.add(new Sample(row, null, completion, task.grade(row, completion)));
    }
    return new Evaluation(task, samples);
  }

  /** The share of correct answers. */
  public double value() {
    return (double) samples.stream().filter(s -> s.verdict().correct()).count() / samples.size();
  }

  /** The standard error of {@link #value}. */
  public double standardError() {
    double p = value();
    return samples.size() < 2 ? 0 : Math.sqrt(p * (1 - p) / (samples.size() - 1));
  }

  /** The score with its samples. */
  public TaskResult result() {
    List<ObjectNode> lines = samples.stream().map(s -> s.toJson(task)).toList();
    return new TaskResult(task, value(), standardError(), Map.of(), lines);
  }
}
