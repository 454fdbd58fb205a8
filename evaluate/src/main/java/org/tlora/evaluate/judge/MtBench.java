/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate.judge;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.tlora.data.format.Row;
import org.tlora.evaluate.SampleLog;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.generate.Generator;
import org.tlora.text.chat.Message;

/**
 * MT-Bench (Zheng et al., arXiv 2306.05685): answers of two turns, rated from 1 to 10 by a judge,
 * or compared with another model's in both orders.
 */
public final class MtBench {
  private final List<Question> questions;
  private final JudgePrompts prompts;
  private final Map<Long, List<String>> references;
  private final SampleLog log;

  /**
   * A run.
   *
   * @param questions rows of the published file
   * @param references rows of the published file of reference answers
   * @param log has what an interrupted run left, and takes what comes
   */
  public MtBench(List<Row> questions, JudgePrompts prompts, List<Row> references, SampleLog log) {
    this.questions = questions.stream().map(Question::of).toList();
    this.prompts = prompts;
    this.references = published(references);
    this.log = log;
  }

  private static Map<Long, List<String>> published(List<Row> rows) {
    Map<Long, List<String>> answers = new LinkedHashMap<>();
    for (Row row : rows) {
      List<String> turns = new ArrayList<>();
      row.fields().path("choices").path(0).path("turns").forEach(t -> turns.add(t.asText()));
      answers.put(row.fields().path("question_id").asLong(), turns);
    }
    return answers;
  }

  /** The answers in a file of samples that this class wrote. */
  public static Map<Long, List<String>> answersIn(List<Row> samples) {
    Map<Long, Map<Integer, String>> byTurn = new LinkedHashMap<>();
    for (Row row : samples) {
      ObjectNode f = row.fields();
      if (f.path("task").asText().equals(MtBenchAnswers.TASK)) {
        byTurn
            .computeIfAbsent(f.path("row").asLong(), id -> new TreeMap<>())
            .put(f.path("repeat").asInt(), f.path("completion").asText());
      }
    }
    if (byTurn.isEmpty()) {
      throw new InputFault("`against` has no answers to MT-Bench");
    }
    Map<Long, List<String>> answers = new LinkedHashMap<>();
    byTurn.forEach((id, turns) -> answers.put(id, List.copyOf(turns.values())));
    return answers;
  }

  /** Both turns of every question, answered; a line each. */
  public Answers answer(
      Generator generator,
      Function<List<Message>, int[]> prompt,
      long seed,
      int atOnce,
      IntConsumer afterEach) {
    MtBenchAnswers.All all =
        new MtBenchAnswers(generator, prompt, seed, atOnce, log).to(questions, afterEach);
    return new Answers(all.answers(), all.lines());
  }

  /** Answers by question, and their lines. */
  public record Answers(Map<Long, List<String>> byQuestion, List<ObjectNode> lines) {}

  /** How many answers there are to give. */
  public int count() {
    return 2 * questions.size();
  }

  /**
   * A score and the judgments behind it.
   *
   * @param lines of the judgments
   */
  public record Result(ObjectNode score, List<ObjectNode> lines) {}

  /** Ratings of each answer. */
  public Result rate(
      Answers answers, ChatEndpoint judge, int concurrency, Consumer<ObjectNode> afterEach) {
    List<ObjectNode> lines =
        new MtBenchJudge(judge, prompts, references, log)
            .rate(questions, answers.byQuestion(), concurrency, afterEach);
    ObjectNode score = Json.object().put("task", MtBenchJudge.TASK).put("metric", "rating");
    List<ObjectNode> rated = lines.stream().filter(l -> l.path("score").asDouble() >= 0).toList();
    score.put("value", mean(rated)).put("count", rated.size()).put("stderr", error(rated));
    score.put("without_rating", lines.size() - rated.size());
    score.put("turn_1", mean(ofTurn(rated, 1))).put("turn_2", mean(ofTurn(rated, 2)));
    ObjectNode categories = score.putObject("categories");
    Map<String, List<ObjectNode>> byCategory = new TreeMap<>();
    rated.forEach(
        l ->
            byCategory.computeIfAbsent(l.path("category").asText(), c -> new ArrayList<>()).add(l));
    byCategory.forEach(
        (name, all) -> categories.putObject(name).put("value", mean(all)).put("count", all.size()));
    return new Result(score, lines);
  }

  private static List<ObjectNode> ofTurn(List<ObjectNode> lines, int turn) {
    return lines.stream().filter(l -> l.path("repeat").asInt() == turn).toList();
  }

  private static double mean(List<ObjectNode> lines) {
    return lines.stream().mapToDouble(l -> l.path("score").asDouble()).average().orElse(0);
  }

  private static double error(List<ObjectNode> lines) {
    if (lines.size() < 2) {
      return 0;
    }
    double mean = mean(lines);
    double squares =
        lines.stream().mapToDouble(l -> Math.pow(l.path("score").asDouble() - mean, 2)).sum();
    return Math.sqrt(squares / (lines.size() - 1) / lines.size());
  }

  /** Wins against other answers: one that does not hold in both orders is a tie. */
  public Result compare(
      Answers answers,
      Map<Long, List<String>> others,
      ChatEndpoint judge,
      int concurrency,
      Consumer<ObjectNode> afterEach) {
    List<ObjectNode> lines =
        new MtBenchJudge(judge, prompts, references, log)
            .compare(questions, answers.byQuestion(), others, concurrency, afterEach);
    int wins = 0;
    int losses = 0;
    int errors = 0;
    for (int i = 0; i < lines.size(); i += 2) {
      String first = lines.get(i).path("winner").asText();
      String second = lines.get(i + 1).path("winner").asText();
      if (first.equals("error") || second.equals("error")) {
        errors++;
      } else if (first.equals("A") && second.equals("B")) {
        wins++;
      } else if (first.equals("B") && second.equals("A")) {
        losses++;
      }
    }
    int count = lines.size() / 2 - errors;
    ObjectNode score = Json.object().put("task", MtBenchJudge.TASK).put("metric", "win_rate");
    double ties = count - wins - losses;
    double value = count == 0 ? 0 : (wins + ties / 2) / count;
    double squares =
        wins * (1 - value) * (1 - value)
            + losses * value * value
            + ties * (0.5 - value) * (0.5 - value);
    score.put("value", value).put("count", count);
    score.put("stderr", count < 2 ? 0 : Math.sqrt(squares / (count - 1) / count));
    score.put("wins", wins).put("losses", losses).put("ties", (int) ties);
    score.put("without_verdict", errors);
    return new Result(score, lines);
  }
}
