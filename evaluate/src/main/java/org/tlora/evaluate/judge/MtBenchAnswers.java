/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate.judge;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.tlora.evaluate.SampleFormat;
import org.tlora.evaluate.SampleLog;
import org.tlora.format.Json;
import org.tlora.generate.Generation;
import org.tlora.generate.GenerationRequest;
import org.tlora.generate.Generator;
import org.tlora.generate.Sampling;
import org.tlora.generate.StopWords;
import org.tlora.text.chat.Message;

/** Answers both turns of every question with the model's own chat template. */
final class MtBenchAnswers {
  static final String TASK = SampleFormat.ANSWER;
  private static final int MOST_TOKENS = 1024;

  private final Generator generator;
  private final Function<List<Message>, int[]> prompt;
  private final long seed;
  private final int atOnce;
  private final SampleLog log;
  private final Map<Long, List<String>> answers = new LinkedHashMap<>();
  private final List<ObjectNode> lines = new ArrayList<>();

  MtBenchAnswers(
      Generator generator,
      Function<List<Message>, int[]> prompt,
      long seed,
      int atOnce,
      SampleLog log) {
    this.generator = generator;
    this.prompt = prompt;
    this.seed = seed;
    this.atOnce = atOnce;
    this.log = log;
  }

  /** The answers by question, and a line for each. */
  record All(Map<Long, List<String>> answers, List<ObjectNode> lines) {}

  All to(List<Question> questions, IntConsumer afterEach) {
    questions.forEach(q -> answers.put(q.id(), new ArrayList<>()));
    for (int turn = 0; turn < 2; turn++) {
      Map<Double, List<Question>> byTemperature = new TreeMap<>();
      for (Question q : questions) {
        byTemperature.computeIfAbsent(q.temperature(), t -> new ArrayList<>()).add(q);
      }
      for (Map.Entry<Double, List<Question>> group : byTemperature.entrySet()) {
        answer(group.getValue(), turn, sampling(group.getKey()), afterEach);
      }
    }
    return new All(answers, lines);
  }

  private Sampling sampling(double temperature) {
    return temperature == 0
        ? Sampling.GREEDY
        : new Sampling(false, temperature, 0, 1, 0, 1, 0, seed);
  }

  private void answer(
      List<Question> questions, int turn, Sampling sampling, IntConsumer afterEach) {
    List<Question> open = new ArrayList<>();
    List<GenerationRequest> requests = new ArrayList<>();
    for (Question q : questions) {
      var known = log.find(TASK, q.id(), turn + 1, transcript(q, turn));
      if (known.isPresent()) {
        accept(q, known.get());
        continue;
      }
      List<Message> messages = new ArrayList<>();
      for (int t = 0; t <= turn; t++) {
        messages.add(Message.of("user", q.turns().get(t)));
        if (t < turn) {
          messages.add(Message.of(Message.ASSISTANT, answers.get(q.id()).get(t)));
        }
      }
      int[] ids = prompt.apply(messages);
      requests.add(new GenerationRequest(ids, MOST_TOKENS).withStream(2 * q.id() + turn));
      open.add(q);
    }
    generator.generate(
        requests,
        sampling,
        StopWords.NONE,
        atOnce,
        (index, g) -> {
          Question q = open.get(index);
          ObjectNode line = line(q, turn, g);
          log.add(line);
          accept(q, line);
          afterEach.accept(lines.size());
        });
  }

  private void accept(Question q, ObjectNode line) {
    answers.get(q.id()).add(line.path("completion").asText());
    lines.add(line);
  }

  private String transcript(Question q, int turn) {
    return turn == 0
        ? q.turns().get(0)
        : q.turns().get(0) + "\n" + answers.get(q.id()).get(0) + "\n" + q.turns().get(1);
  }

  private ObjectNode line(Question q, int turn, Generation g) {
    ObjectNode line = Json.object().put("task", TASK).put("row", q.id());
    line.put("repeat", turn + 1).put("category", q.category());
    return line.put("prompt", transcript(q, turn)).put("completion", g.text().strip());
  }
}
