/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.tlora.fault.InputFault;
import org.tlora.fault.Nearest;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;

/** What the samples of an evaluation are written as: our own lines, or what other graders read. */
public enum SampleFormat {
  /** A line a sample with prompt, answer, what was extracted, and the verdicts. */
  TLORA {
    @Override
    Stream<ObjectNode> lines(List<ObjectNode> samples, Path file) {
      return samples.stream();
    }
  },
  /**
   * What {@code evalplus.evaluate} reads: {@code task_id} and the whole program as {@code solution}
   * or, of HumanEval's own rows, what follows the prompt as {@code completion}.
   */
  EVALPLUS {
    @Override
    Stream<ObjectNode> lines(List<ObjectNode> samples, Path file) {
      return samples.stream().map(SampleFormat::program);
    }
  },
  /** What FastChat's judge reads as a model's answers to MT-Bench, named after the file. */
  FASTCHAT {
    @Override
    Stream<ObjectNode> lines(List<ObjectNode> samples, Path file) {
      String name = file.getFileName().toString().replaceFirst("\\.jsonl$", "");
      Map<Long, List<ObjectNode>> byQuestion = new TreeMap<>();
      samples.stream()
          .filter(s -> s.path("task").asText().equals(ANSWER))
          .forEach(
              s ->
                  byQuestion
                      .computeIfAbsent(s.path("row").asLong(), id -> new ArrayList<>())
                      .add(s));
      double now = Clock.systemUTC().millis() / 1000.0;
      return byQuestion.entrySet().stream().map(e -> answer(name, e.getKey(), e.getValue(), now));
    }
  };

  /** The task that a line of an answer to MT-Bench is of. */
  public static final String ANSWER = "mt-bench-answer";

  /**
   * The format of that name.
   *
   * @throws UsageFault if there is none
   */
  public static SampleFormat named(String name) {
    List<String> names = Stream.of(values()).map(SampleFormat::label).toList();
    return Stream.of(values())
        .filter(f -> f.label().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageFault(
                    "`samplesFormat` must be "
                        + String.join(", ", names)
                        + ", not "
                        + name
                        + Nearest.question(name, names)));
  }

  /** Its name. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Makes sure that these tasks can be written so.
   *
   * @throws UsageFault if they cannot; the message says which can
   */
  public void requireFit(List<String> names) {
    List<String> tasks = tasks();
    if (!tasks.isEmpty() && (names.size() != 1 || !tasks.contains(names.get(0)))) {
      throw new UsageFault(
          "`samplesFormat` "
              + label()
              + " is for one task of "
              + String.join(", ", tasks)
              + ", not "
              + String.join(" and ", names));
    }
  }

  /**
   * Makes sure that samples are kept where a form of them is asked for.
   *
   * @param samples where they go, or null
   * @throws UsageFault if they are not
   */
  public void requireKept(Path samples) {
    if (this != TLORA && samples == null) {
      throw new UsageFault("`samplesFormat` needs `samples`");
    }
  }

  /** Those that it is for; none: all. */
  private List<String> tasks() {
    return switch (this) {
      case TLORA -> List.of();
      case EVALPLUS -> List.of("humaneval", "humaneval+", "mbpp", "mbpp+");
      case FASTCHAT -> List.of("mt-bench");
    };
  }

  /** What goes into the file. */
  String text(List<ObjectNode> samples, Path file) {
    StringBuilder text = new StringBuilder();
    lines(samples, file).forEach(line -> text.append(Json.compact(line)).append('\n'));
    return text.toString();
  }

  abstract Stream<ObjectNode> lines(List<ObjectNode> samples, Path file);

  private static ObjectNode program(ObjectNode sample) {
    String id = sample.path("task_id").asText();
    if (id.isEmpty()) {
      throw new InputFault(
          "row "
              + sample.path("row").asLong()
              + ": field 'task_id' is missing, which EvalPlus needs");
    }
    boolean isNumber = id.chars().allMatch(Character::isDigit); // as MBPP's own rows have it
    boolean followsPrompt = sample.path("task").asText().equals("humaneval");
    return Json.object()
        .put("task_id", isNumber ? "Mbpp/" + id : id)
        .put(followsPrompt ? "completion" : "solution", sample.path("extracted").asText(""));
  }

  private static ObjectNode answer(
      String model, long question, List<ObjectNode> turns, double now) {
    String id = model + " " + question;
    ObjectNode line = Json.object().put("question_id", question);
    line.put("answer_id", "" + UUID.nameUUIDFromBytes(id.getBytes(StandardCharsets.UTF_8)));
    line.put("model_id", model);
    ObjectNode choice = line.putArray("choices").addObject().put("index", 0);
    var all = choice.putArray("turns");
    turns.stream()
        .sorted((a, b) -> Integer.compare(a.path("repeat").asInt(), b.path("repeat").asInt()))
        .forEach(turn -> all.add(turn.path("completion").asText()));
    return line.put("tstamp", now);
  }
}
