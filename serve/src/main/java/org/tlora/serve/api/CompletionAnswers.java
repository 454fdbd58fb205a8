/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.tlora.Answer;
import org.tlora.generate.ScoredToken;

/** Answers of {@code POST /v1/completions}. */
public final class CompletionAnswers implements AnswerWriter {
  private static final String KIND = "text_completion";

  private final ResponseHead head;
  private final Scores scores; // or null: not wanted
  private final int perPrompt;
  private final int[] letters; // of the text of each answer that were sent

  /**
   * A writer for one request.
   *
   * @param texts of tokens, or null: their scores are not wanted
   * @param answers to all prompts
   * @param perPrompt answers to each prompt
   */
  public CompletionAnswers(ResponseHead head, TokenTexts texts, int answers, int perPrompt) {
    this.head = head;
    this.scores = texts == null ? null : new Scores(texts);
    this.perPrompt = perPrompt;
    this.letters = new int[answers];
  }

  @Override
  public ObjectNode whole(List<Answer> answers) {
    ObjectNode all = head.json(KIND);
    ArrayNode choices = all.putArray("choices");
    for (int i = 0; i < answers.size(); i++) {
      Answer a = answers.get(i);
      ObjectNode choice = choices.addObject().put("index", i).put("text", a.content());
      choice.set("logprobs", scores == null ? null : scores.ofText(a.generation().scores(), 0));
      choice.put("finish_reason", ChatAnswers.finish(a));
    }
    all.set("usage", Usage.of(answers, perPrompt).json());
    return all;
  }

  @Override
  public ObjectNode first(int index) {
    return null;
  }

  @Override
  public ObjectNode piece(int index, String more, List<ScoredToken> tokens) {
    ObjectNode all = head.json(KIND);
    ObjectNode choice = all.putArray("choices").addObject().put("index", index).put("text", more);
    choice.set("logprobs", scores == null ? null : scores.ofText(tokens, letters[index]));
    choice.putNull("finish_reason");
    letters[index] += more.length();
    return all;
  }

  @Override
  public ObjectNode calls(int index, Answer answer) {
    return null;
  }

  @Override
  public ObjectNode last(int index, Answer answer) {
    ObjectNode all = piece(index, "", List.of());
    ((ObjectNode) all.path("choices").get(0)).put("finish_reason", ChatAnswers.finish(answer));
    return all;
  }

  @Override
  public ObjectNode used(List<Answer> answers) {
    ObjectNode all = head.json(KIND);
    all.putArray("choices");
    all.set("usage", Usage.of(answers, perPrompt).json());
    return all;
  }
}
