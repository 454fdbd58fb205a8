/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.tlora.Answer;
import org.tlora.AnswerListener;
import org.tlora.AnswerRequest;
import org.tlora.Asked;
import org.tlora.LanguageModel;
import org.tlora.format.Json;
import org.tlora.generate.ScoredToken;
import org.tlora.serve.api.AnswerWriter;
import org.tlora.serve.api.ApiException;
import org.tlora.serve.http.Exchange;
import org.tlora.serve.http.WriteWatch;

/**
 * Lets the model answer one request and sends what comes. The thread that generates only leaves
 * word; this one writes, so that a client that reads slowly holds nobody up. While nothing comes,
 * something without meaning is sent now and then, by which a client that is gone is noticed.
 */
final class TextRun {
  private static final long SIGN_OF_LIFE_MILLIS = 1000;
  private static final Map<String, String> EVENTS =
      Map.of(
          "Content-Type", "text/event-stream; charset=utf-8",
          "Cache-Control", "no-cache",
          "X-Accel-Buffering", "no");
  private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");

  /** Word that the thread which generates leaves. */
  private sealed interface Event permits Piece, Done {}

  private record Piece(int index, String text, List<ScoredToken> scores) implements Event {}

  private record Done(int index, Answer answer, Throwable failure) implements Event {}

  private final Exchange exchange;
  private final AnswerWriter writer;
  private final ServerMetrics metrics;
  private final WriteWatch watch;
  private final long deadline;
  private final long begun = System.nanoTime();
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final List<Asked> asked = new ArrayList<>();
  private Answer[] answers = new Answer[0];
  private boolean anything; // was generated

  /**
   * A run for one request.
   *
   * @param seconds that it may take
   */
  TextRun(
      Exchange exchange,
      AnswerWriter writer,
      ServerMetrics metrics,
      WriteWatch watch,
      long seconds) {
    this.exchange = exchange;
    this.writer = writer;
    this.metrics = metrics;
    this.watch = watch;
    this.deadline = begun + TimeUnit.SECONDS.toNanos(seconds);
  }

  /**
   * Answers.
   *
   * @param stream whether in pieces
   * @param includeUsage whether a last piece says what was used
   * @throws ApiException if nothing was sent yet and it cannot be answered
   * @throws IOException if the client is gone
   */
  void run(LanguageModel model, List<AnswerRequest> requests, boolean stream, boolean includeUsage)
      throws IOException {
    answers = new Answer[requests.size()];
    boolean through = false;
    try {
      for (int i = 0; i < requests.size(); i++) {
        asked.add(ask(model, requests.get(i), i, stream));
      }
      if (stream) {
        stream(includeUsage);
      } else {
        whole();
      }
      through = true;
    } finally {
      if (!through) {
        asked.forEach(Asked::cancel);
        metrics.cancelled();
      }
    }
    count();
  }

  private Asked ask(LanguageModel model, AnswerRequest request, int index, boolean stream) {
    Asked one = model.ask(request, stream ? listener(index) : AnswerListener.NONE);
    var unused =
        one.result()
            .whenComplete((answer, failure) -> events.add(new Done(index, answer, failure)));
    return one;
  }

  private AnswerListener listener(int index) {
    int[] told = new int[2]; // letters, and tokens with scores
    return (text, scores) -> {
      if (text.length() > told[0]) {
        List<ScoredToken> fresh = List.copyOf(scores.subList(told[1], scores.size()));
        events.add(new Piece(index, text.substring(told[0]), fresh));
        told[0] = text.length();
        told[1] = scores.size();
      }
    };
  }

  private void count() {
    int prompt = 0;
    int cached = 0;
    int generated = 0;
    for (Answer a : answers) {
      prompt += a.generation().promptTokens();
      cached += a.generation().reusedTokens();
      generated += a.generation().ids().length;
    }
    metrics.ran(prompt, cached, generated);
    metrics.endedAfter((System.nanoTime() - begun) / 1e9);
  }

  /** The next word; null if none came for a while. */
  private Event next() {
    long left = deadline - System.nanoTime();
    if (left <= 0) {
      throw ApiException.unavailable("timeout", "the answer took longer than the server allows");
    }
    try {
      Event event =
          events.poll(
              Math.min(left, TimeUnit.MILLISECONDS.toNanos(SIGN_OF_LIFE_MILLIS)),
              TimeUnit.NANOSECONDS);
      if (event != null && !anything) {
        anything = true;
        metrics.firstAfter((System.nanoTime() - begun) / 1e9);
      }
      return event;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ApiException.unavailable("shutting_down", "the server is ending");
    }
  }

  /** JSON may begin with spaces, which are the sign of life here. */
  private void whole() throws IOException {
    OutputStream out = null;
    int done = 0;
    try {
      while (done < answers.length) {
        Event event = next();
        if (event == null) {
          out = out == null ? exchange.begin(200, JSON) : out;
          write(out, " ");
        } else if (event instanceof Done d) {
          answers[d.index()] = answer(d);
          done++;
        }
      }
    } catch (ApiException e) {
      if (out != null) {
        exchange.cut(); // what was promised does not come, and a status cannot be sent any more
      }
      throw e;
    }
    String all = Json.compact(writer.whole(Arrays.asList(answers)));
    if (out == null) {
      watch.during(
          exchange, () -> exchange.answer(200, JSON, all.getBytes(StandardCharsets.UTF_8)));
    } else {
      write(out, all);
      out.close();
    }
  }

  private static Answer answer(Done done) {
    if (done.failure() == null) {
      return done.answer();
    }
    Throwable why =
        done.failure() instanceof CompletionException c && c.getCause() != null
            ? c.getCause()
            : done.failure();
    throw Failures.of(why);
  }

  private void stream(boolean includeUsage) throws IOException {
    String[] sent = new String[answers.length];
    int[] scored = new int[answers.length];
    Arrays.fill(sent, "");
    OutputStream out = exchange.begin(200, EVENTS);
    try {
      for (int i = 0; i < answers.length; i++) {
        send(out, writer.first(i));
      }
      for (int done = 0; done < answers.length; ) {
        Event event = next();
        if (event == null) {
          write(out, ": still here\n\n");
        } else if (event instanceof Piece p) {
          send(out, writer.piece(p.index(), p.text(), p.scores()));
          sent[p.index()] += p.text();
          scored[p.index()] += p.scores().size();
        } else if (event instanceof Done d) {
          Answer answer = answer(d);
          answers[d.index()] = answer;
          sendRest(out, d.index(), answer, sent[d.index()], scored[d.index()]);
          done++;
        }
      }
      if (includeUsage) {
        send(out, writer.used(Arrays.asList(answers)));
      }
    } catch (ApiException e) { // the status was sent long ago
      send(out, e.body());
      write(out, "data: [DONE]\n\n");
      out.close();
      throw e;
    }
    write(out, "data: [DONE]\n\n");
    out.close();
  }

  private void sendRest(OutputStream out, int index, Answer answer, String sent, int scored)
      throws IOException {
    String content = answer.content();
    String rest = content.startsWith(sent) ? content.substring(sent.length()) : "";
    List<ScoredToken> scores = answer.generation().scores();
    List<ScoredToken> late = scores.subList(Math.min(scored, scores.size()), scores.size());
    if (!rest.isEmpty() || !late.isEmpty()) {
      send(out, writer.piece(index, rest, late));
    }
    send(out, writer.calls(index, answer));
    send(out, writer.last(index, answer));
  }

  private void send(OutputStream out, ObjectNode event) throws IOException {
    if (event != null) {
      write(out, "data: " + Json.compact(event) + "\n\n");
    }
  }

  private void write(OutputStream out, String text) throws IOException {
    watch.during(
        exchange,
        () -> {
          out.write(text.getBytes(StandardCharsets.UTF_8));
          out.flush();
        });
  }
}
