package org.tlora.generate;

/**
 * What was generated.
 *
 * @param ids the new tokens, ending with the eos where one came
 * @param text their text up to the first stop word, without special tokens; null without a
 *     tokenizer
 * @param lastPromptLogits [vocabulary], the logits behind the last prompt token; null where the
 *     request did not want them
 * @param finished whether an eos or a stop word ended it, not the number of tokens
 */
public record Generation(int[] ids, String text, float[] lastPromptLogits, boolean finished) {}
