package org.tlora.generate;

/**
 * What was generated.
 *
 * @param ids the new tokens, ending with the eos where one came
 * @param text their text up to the first stop word, without special tokens; null without a
 *     tokenizer
 * @param lastPromptLogits [vocabulary], the logits behind the last prompt token; null where the
 *     request did not want them
 * @param finish why it ended
 * @param promptTokens tokens of the prompt
 * @param reusedTokens those of them that had been computed before
 */
public record Generation(
    int[] ids,
    String text,
    float[] lastPromptLogits,
    FinishReason finish,
    int promptTokens,
    int reusedTokens) {
  /** Whether an eos or a stop word ended it, not the number of tokens. */
  public boolean finished() {
    return finish == FinishReason.STOP;
  }
}
