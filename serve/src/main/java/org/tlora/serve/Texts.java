/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.tlora.AnswerRequest;
import org.tlora.LanguageModel;
import org.tlora.TrainedAdapter;
import org.tlora.serve.api.AnswerWriter;
import org.tlora.serve.api.BodyLimits;
import org.tlora.serve.api.ChatAnswers;
import org.tlora.serve.api.ChatBody;
import org.tlora.serve.api.CompletionAnswers;
import org.tlora.serve.api.CompletionBody;
import org.tlora.serve.api.ResponseHead;
import org.tlora.serve.api.VectorBody;
import org.tlora.serve.http.Exchange;
import org.tlora.serve.http.WriteWatch;

/** What writes texts: chats and completions. */
final class Texts {
  private final LanguageModel model;
  private final ServedModels models;
  private final Admission admission;
  private final ServerMetrics metrics;
  private final WriteWatch watch;
  private final ServerOptions options;
  private final BodyLimits limits;

  Texts(
      LanguageModel model,
      ServedModels models,
      Admission admission,
      ServerMetrics metrics,
      WriteWatch watch,
      ServerOptions options) {
    this.model = model;
    this.models = models;
    this.admission = admission;
    this.metrics = metrics;
    this.watch = watch;
    this.options = options;
    limits = new BodyLimits(options.usualTokens(), options.mostTokens(), options.mostChoices());
  }

  /** {@code POST /v1/chat/completions}. */
  void chat(Exchange exchange, ObjectNode json) throws IOException {
    ChatBody body = ChatBody.read(json, limits);
    List<TrainedAdapter> adapters = models.adaptersOf(body.model());
    ResponseHead head = ResponseHead.of("chatcmpl-", body.model());
    ChatAnswers writer = new ChatAnswers(head, body.scores() ? model::tokenBytes : null);
    run(
        exchange,
        writer,
        body.answers(),
        i -> body.request(adapters, i),
        body.stream(),
        body.includeUsage());
  }

  /** {@code POST /v1/completions}. */
  void complete(Exchange exchange, ObjectNode json) throws IOException {
    CompletionBody body = CompletionBody.read(json, limits);
    List<TrainedAdapter> adapters = models.adaptersOf(body.model());
    ResponseHead head = ResponseHead.of("cmpl-", body.model());
    CompletionAnswers writer =
        new CompletionAnswers(
            head, body.scores() ? model::tokenBytes : null, body.answers(), body.perPrompt());
    run(
        exchange,
        writer,
        body.answers(),
        i -> body.request(adapters, i),
        body.stream(),
        body.includeUsage());
  }

  /** {@code POST /v1/embeddings}. */
  ObjectNode embed(ObjectNode json) {
    VectorBody body = VectorBody.read(json);
    List<TrainedAdapter> adapters = models.adaptersOf(body.model());
    return within(() -> body.answer(model.embed(body.texts(), adapters)));
  }

  /** {@code POST /classify}. */
  ObjectNode label(ObjectNode json) {
    VectorBody body = VectorBody.read(json);
    List<TrainedAdapter> adapters = models.adaptersOf(body.model());
    return within(() -> body.answer(model.label(body.texts(), adapters)));
  }

  private ObjectNode within(Supplier<ObjectNode> work) {
    admission.enter(1);
    try {
      return work.get();
    } finally {
      admission.leave(1);
    }
  }

  private void run(
      Exchange exchange,
      AnswerWriter writer,
      int answers,
      IntFunction<AnswerRequest> request,
      boolean stream,
      boolean includeUsage)
      throws IOException {
    List<AnswerRequest> all = IntStream.range(0, answers).mapToObj(request).toList();
    admission.enter(answers);
    try {
      new TextRun(exchange, writer, metrics, watch, options.answerSeconds())
          .run(model, all, stream, includeUsage);
    } finally {
      admission.leave(answers);
    }
  }
}
