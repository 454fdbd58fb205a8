/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.tlora.collective.Collective;
import org.tlora.data.format.Row;
import org.tlora.evaluate.task.Choices;
import org.tlora.evaluate.task.TextTask;
import org.tlora.format.Json;
import org.tlora.generate.Likelihood;
import org.tlora.text.Tokenizer;

/**
 * Scores which of several texts a decoder finds most likely behind a prompt, as
 * lm-evaluation-harness does: {@code acc} by log-likelihood, {@code acc_norm} by log-likelihood a
 * character (code point), {@code acc_bytes} by log-likelihood a byte of UTF-8.
 */
final class ChoiceEvaluation {
  private ChoiceEvaluation() {}

  static TaskResult of(
      TextTask task,
      List<Row> rows,
      Likelihood likelihood,
      Tokenizer tokenizer,
      SampleLog log,
      Collective group,
      IntConsumer afterEach) {
    long start = System.nanoTime();
    long[] tokens = {0};
    ObjectNode[] samples = new ObjectNode[rows.size()];
    for (int i = 0; i < samples.length; i++) {
      String prompt = task.choices(rows.get(i)).prompt();
      samples[i] = log.find(task.name(), rows.get(i).number(), 0, prompt).orElse(null);
    }
    SharedSamples shared = new SharedSamples(group);
    shared.shareKnown(samples);
    List<Integer> todo =
        IntStream.range(0, samples.length).filter(i -> samples[i] == null).boxed().toList();
    int[] done = {samples.length - todo.size()};
    shared.run(
        todo,
        1,
        (some, taker) -> {
          for (int i : some) {
            Choices choices = task.choices(rows.get(i));
            Scored scored = scored(choices.all(), likelihood, tokenizer);
            tokens[0] += scored.tokens();
            taker.take(i, line(task, rows.get(i), choices, scored.logLikelihoods()));
          }
        },
        (sample, line) -> {
          samples[sample] = line;
          log.add(line);
          afterEach.accept(++done[0]);
        });
    long all = (long) group.sum((double) tokens[0])[0];
    var speed = new TaskResult.Speed((System.nanoTime() - start) / 1e9, all);
    return Scores.of(task, "acc", List.of(samples), List.of("acc_norm", "acc_bytes"), speed);
  }

  private record Scored(double[] logLikelihoods, long tokens) {}

  /** The log-likelihood of each choice; one run of the prompt serves all where it is the same. */
  private static Scored scored(
      List<Choices.Choice> choices, Likelihood likelihood, Tokenizer tokenizer) {
    Map<String, List<Integer>> byPrompt = new LinkedHashMap<>();
    for (int i = 0; i < choices.size(); i++) {
      byPrompt.computeIfAbsent(choices.get(i).prompt(), p -> new ArrayList<>()).add(i);
    }
    double[] scores = new double[choices.size()];
    long tokens = 0;
    for (Map.Entry<String, List<Integer>> e : byPrompt.entrySet()) {
      int[] context = tokenizer.encode(e.getKey(), true);
      List<int[]> continuations = new ArrayList<>();
      for (int i : e.getValue()) {
        int[] whole = tokenizer.encode(e.getKey() + choices.get(i).scored(), true);
        continuations.add(Arrays.copyOfRange(whole, context.length, whole.length));
        tokens += whole.length;
      }
      double[] some = likelihood.of(context, continuations);
      for (int k = 0; k < some.length; k++) {
        scores[e.getValue().get(k)] = some[k];
      }
    }
    return new Scored(scores, tokens);
  }

  private static ObjectNode line(TextTask task, Row row, Choices choices, double[] scores) {
    double[] aCharacter = new double[scores.length];
    double[] aByte = new double[scores.length];
    for (int i = 0; i < scores.length; i++) {
      // the blank between prompt and choice is no part of the choice
      String choice = choices.all().get(i).text().strip();
      aCharacter[i] = scores[i] / Math.max(1, choice.codePointCount(0, choice.length()));
      aByte[i] = scores[i] / Math.max(1, choice.getBytes(StandardCharsets.UTF_8).length);
    }
    int right = choices.right();
    ObjectNode line = Json.object();
    line.put("task", task.name()).put("row", row.number()).put("prompt", choices.prompt());
    ArrayNode texts = line.putArray("choices");
    choices.all().forEach(c -> texts.add(c.text()));
    if (choices.ending() != null) {
      line.put("ending", choices.ending());
    }
    ArrayNode all = line.putArray("log_likelihoods");
    for (double s : scores) {
      all.add(s);
    }
    line.put("right", right).put("extracted", best(scores));
    line.put("extracted_norm", best(aCharacter)).put("extracted_bytes", best(aByte));
    line.put("correct", best(scores) == right).put("acc_norm", best(aCharacter) == right);
    line.put("acc_bytes", best(aByte) == right);
    task.category(row).ifPresent(category -> line.put("category", category));
    return line;
  }

  private static int best(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }
}
