/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.tlora.Answer;
import org.tlora.format.Json;

/**
 * Tokens that answers to one request took; those of a prompt count once.
 *
 * @param cached tokens of prompts that had been computed before
 */
public record Usage(int prompt, int generated, int cached) {
  /**
   * Those of some answers.
   *
   * @param perPrompt answers to the same prompt
   */
  static Usage of(List<Answer> answers, int perPrompt) {
    int prompt = 0;
    int generated = 0;
    int cached = 0;
    for (int i = 0; i < answers.size(); i++) {
      generated += answers.get(i).generation().ids().length;
      if (i % perPrompt == 0) {
        prompt += answers.get(i).generation().promptTokens();
        cached += answers.get(i).generation().reusedTokens();
      }
    }
    return new Usage(prompt, generated, cached);
  }

  /** The object of this. */
  ObjectNode json() {
    ObjectNode all =
        Json.object()
            .put("prompt_tokens", prompt)
            .put("completion_tokens", generated)
            .put("total_tokens", prompt + generated);
    all.putObject("prompt_tokens_details").put("cached_tokens", cached);
    return all;
  }
}
