/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.generate;

import java.util.List;

/**
 * What was generated.
 *
 * @param ids the new tokens, ending with the eos where one came
 * @param text their text up to the first stop word, without special tokens; null without a
 *     tokenizer
 * @param lastPromptLogits [vocabulary], the logits behind the last prompt token; null where the
 *     request did not want them
 * @param finish why it ended
 * @param promptIds the tokens of the prompt
 * @param reusedTokens how many of them that had been computed before
 * @param scores of the new tokens, in their order; empty where the request did not want them
 */
public record Generation(
    int[] ids,
    String text,
    float[] lastPromptLogits,
    FinishReason finish,
    int[] promptIds,
    int reusedTokens,
    List<ScoredToken> scores) {
  /** Tokens of the prompt. */
  public int promptTokens() {
    return promptIds.length;
  }

  /** Whether an eos or a stop word ended it, not the number of tokens. */
  public boolean finished() {
    return finish == FinishReason.STOP;
  }
}
