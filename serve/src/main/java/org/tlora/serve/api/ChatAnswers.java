/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.tlora.Answer;
import org.tlora.generate.FinishReason;
import org.tlora.generate.ScoredToken;
import org.tlora.generate.ToolCall;

/** Answers of {@code POST /v1/chat/completions}. */
public final class ChatAnswers implements AnswerWriter {
  private final ResponseHead head;
  private final Scores scores; // or null: not wanted

  /**
   * A writer for one request.
   *
   * @param texts of tokens, or null: their scores are not wanted
   */
  public ChatAnswers(ResponseHead head, TokenTexts texts) {
    this.head = head;
    this.scores = texts == null ? null : new Scores(texts);
  }

  @Override
  public ObjectNode whole(List<Answer> answers) {
    ObjectNode all = head.json("chat.completion");
    ArrayNode choices = all.putArray("choices");
    for (int i = 0; i < answers.size(); i++) {
      Answer a = answers.get(i);
      ObjectNode choice = choices.addObject().put("index", i);
      ObjectNode message = choice.putObject("message").put("role", "assistant");
      boolean onlyCalls = a.content().isEmpty() && !a.calls().isEmpty();
      message.put("content", onlyCalls ? null : a.content()).putNull("refusal");
      if (!a.calls().isEmpty()) {
        putCalls(message.putArray("tool_calls"), i, a, false);
      }
      choice.set("logprobs", scores == null ? null : scores.ofChat(a.generation().scores()));
      choice.put("finish_reason", finish(a));
    }
    all.set("usage", Usage.of(answers, answers.size()).json());
    return all;
  }

  private void putCalls(ArrayNode list, int index, Answer answer, boolean indexed) {
    for (int c = 0; c < answer.calls().size(); c++) {
      ToolCall call = answer.calls().get(c);
      ObjectNode one = list.addObject();
      if (indexed) {
        one.put("index", c);
      }
      one.put("id", head.callId(index, c)).put("type", "function");
      one.putObject("function").put("name", call.name()).put("arguments", call.arguments());
    }
  }

  static String finish(Answer answer) {
    if (!answer.calls().isEmpty()) {
      return "tool_calls";
    }
    return answer.generation().finish() == FinishReason.LENGTH ? "length" : "stop";
  }

  private ObjectNode chunk(int index) {
    ObjectNode all = head.json("chat.completion.chunk");
    ObjectNode choice = all.putArray("choices").addObject().put("index", index);
    choice.putObject("delta");
    choice.putNull("logprobs").putNull("finish_reason");
    return all;
  }

  private static ObjectNode choice(ObjectNode chunk) {
    return (ObjectNode) chunk.path("choices").get(0);
  }

  private static ObjectNode delta(ObjectNode chunk) {
    return (ObjectNode) choice(chunk).get("delta");
  }

  @Override
  public ObjectNode first(int index) {
    ObjectNode all = chunk(index);
    delta(all).put("role", "assistant").put("content", "");
    return all;
  }

  @Override
  public ObjectNode piece(int index, String more, List<ScoredToken> tokens) {
    ObjectNode all = chunk(index);
    delta(all).put("content", more);
    if (scores != null) {
      choice(all).set("logprobs", scores.ofChat(tokens));
    }
    return all;
  }

  @Override
  public ObjectNode calls(int index, Answer answer) {
    if (answer.calls().isEmpty()) {
      return null;
    }
    ObjectNode all = chunk(index);
    putCalls(delta(all).putArray("tool_calls"), index, answer, true);
    return all;
  }

  @Override
  public ObjectNode last(int index, Answer answer) {
    ObjectNode all = chunk(index);
    choice(all).put("finish_reason", finish(answer));
    return all;
  }

  @Override
  public ObjectNode used(List<Answer> answers) {
    ObjectNode all = head.json("chat.completion.chunk");
    all.putArray("choices");
    all.set("usage", Usage.of(answers, answers.size()).json());
    return all;
  }
}
