/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate.judge;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.evaluate.SampleLog;
import org.tlora.fault.Fault;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;
import org.tlora.text.chat.Message;

/** Has answers judged, several at a time, with what an earlier run has left out. */
final class MtBenchJudge {
  static final String TASK = "mt-bench";
  private static final Pattern RATING = Pattern.compile("\\[\\[(\\d+\\.?\\d*)\\]\\]");
  private static final Pattern LOOSE_RATING = Pattern.compile("\\[(\\d+\\.?\\d*)\\]");
  private static final Pattern WINNER = Pattern.compile("\\[\\[([ABC])\\]\\]");

  private final ChatEndpoint judge;
  private final JudgePrompts prompts;
  private final Map<Long, List<String>> references;
  private final SampleLog log;

  MtBenchJudge(
      ChatEndpoint judge, JudgePrompts prompts, Map<Long, List<String>> references, SampleLog log) {
    this.judge = judge;
    this.prompts = prompts;
    this.references = references;
    this.log = log;
  }

  /** A judgment that is to be made. */
  private record Request(ObjectNode line, List<Message> messages, boolean pairwise) {}

  /**
   * Rates each answer from 1 to 10.
   *
   * @param concurrency requests at a time
   * @param afterEach is given every judgment as it comes
   */
  List<ObjectNode> rate(
      List<Question> questions,
      Map<Long, List<String>> answers,
      int concurrency,
      Consumer<ObjectNode> afterEach) {
    List<Request> requests = new ArrayList<>();
    for (Question q : questions) {
      for (int turn = 0; turn < 2; turn++) {
        Map<String, String> texts = texts(q);
        texts.put("question", q.turns().get(turn));
        texts.put("answer", answers.get(q.id()).get(turn));
        texts.put("answer_1", answers.get(q.id()).get(0));
        texts.put("answer_2", answers.get(q.id()).get(1));
        String name =
            (q.hasReference() ? "single-math-v1" : "single-v1") + (turn == 1 ? "-multi-turn" : "");
        requests.add(request(q, turn + 1, name, texts, false));
      }
    }
    return judged(requests, concurrency, afterEach);
  }

  /**
   * Says which of two answers is better, once in each order.
   *
   * @param others the answers to compare with
   */
  List<ObjectNode> compare(
      List<Question> questions,
      Map<Long, List<String>> answers,
      Map<Long, List<String>> others,
      int concurrency,
      Consumer<ObjectNode> afterEach) {
    List<Request> requests = new ArrayList<>();
    for (Question q : questions) {
      List<String> other = others.get(q.id());
      if (other == null || other.size() != 2) {
        throw new InputFault("`against` has no two answers to question " + q.id());
      }
      for (int turn = 0; turn < 2; turn++) {
        for (int order = 0; order < 2; order++) {
          List<String> a = order == 0 ? answers.get(q.id()) : other;
          List<String> b = order == 0 ? other : answers.get(q.id());
          Map<String, String> texts = texts(q);
          texts.put("question", q.turns().get(turn));
          texts.put("answer_a", a.get(turn));
          texts.put("answer_b", b.get(turn));
          for (int t = 0; t < 2; t++) {
            texts.put("answer_a_" + (t + 1), a.get(t));
            texts.put("answer_b_" + (t + 1), b.get(t));
          }
          String name =
              (q.hasReference() ? "pair-math-v1" : "pair-v2") + (turn == 1 ? "-multi-turn" : "");
          requests.add(request(q, 10 * (turn + 1) + order, name, texts, true));
        }
      }
    }
    return judged(requests, concurrency, afterEach);
  }

  private Map<String, String> texts(Question q) {
    Map<String, String> texts = new HashMap<>();
    texts.put("question_1", q.turns().get(0));
    texts.put("question_2", q.turns().get(1));
    if (q.hasReference()) {
      List<String> reference = references.get(q.id());
      if (reference == null || reference.size() != 2) {
        throw new InputFault("`judgeReferences` has no two answers to question " + q.id());
      }
      texts.put("ref_answer_1", reference.get(0));
      texts.put("ref_answer_2", reference.get(1));
    }
    return texts;
  }

  private Request request(
      Question q, int repeat, String name, Map<String, String> texts, boolean pairwise) {
    List<Message> messages = prompts.filled(name, texts);
    ObjectNode line = Json.object().put("task", TASK).put("row", q.id()).put("repeat", repeat);
    line.put("category", q.category()).put("judge", judge.model()).put("judge_prompt", name);
    line.put("prompt", messages.get(1).content());
    return new Request(line, messages, pairwise);
  }

  private List<ObjectNode> judged(
      List<Request> requests, int concurrency, Consumer<ObjectNode> afterEach) {
    ExecutorService threads = Executors.newFixedThreadPool(concurrency);
    List<Future<ObjectNode>> futures = new ArrayList<>();
    try {
      for (Request r : requests) {
        futures.add(threads.submit(() -> judged(r, afterEach)));
      }
      List<ObjectNode> lines = new ArrayList<>();
      for (Future<ObjectNode> f : futures) {
        lines.add(f.get());
      }
      return lines;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunFault("interrupted while the judge was asked", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Fault f
          ? f
          : new RunFault("the judge could not be asked: " + e.getCause(), e);
    } finally {
      threads.shutdownNow();
      awaitEnd(threads); // nobody may write to the log once this has returned
    }
  }

  private static void awaitEnd(ExecutorService threads) {
    try {
      if (!threads.awaitTermination(30, TimeUnit.SECONDS)) {
        throw new RunFault("requests to the judge do not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private ObjectNode judged(Request r, Consumer<ObjectNode> afterEach) {
    ObjectNode line = r.line();
    var known =
        log.find(
            TASK,
            line.path("row").asLong(),
            line.path("repeat").asInt(),
            line.path("prompt").asText());
    if (known.isPresent()) {
      line = known.get();
    } else {
      ChatEndpoint.Answer answer = judge.ask(r.messages());
      line.put("judgment", answer.text());
      line.put("prompt_tokens", answer.promptTokens());
      line.put("completion_tokens", answer.completionTokens());
      if (r.pairwise()) {
        line.put("winner", winner(answer.text()));
      } else {
        line.put("score", rating(answer.text()));
      }
    }
    synchronized (log) {
      if (known.isEmpty()) {
        log.add(line);
      }
      afterEach.accept(line);
    }
    return line;
  }

  /** The rating in a judgment; −1 where there is none, as in the published script. */
  static double rating(String judgment) {
    Matcher m = RATING.matcher(judgment);
    if (!m.find()) {
      m = LOOSE_RATING.matcher(judgment);
      if (!m.find()) {
        return -1;
      }
    }
    return Double.parseDouble(m.group(1));
  }

  /** A, B or C (a tie) in a judgment; "error" where there is none. */
  static String winner(String judgment) {
    Matcher m = WINNER.matcher(judgment);
    return m.find() ? m.group(1) : "error";
  }
}
