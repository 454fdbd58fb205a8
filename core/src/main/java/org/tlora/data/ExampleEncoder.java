package org.tlora.data;

import java.util.Arrays;
import org.tlora.text.PromptTemplate;
import org.tlora.text.Tokenizer;

/**
 * Encodes examples as the published scripts do: prompt, response, newline, eos; a loss on
 * everything behind the prompt; cut off from the end at a number of tokens.
 */
public final class ExampleEncoder {
  private final Tokenizer tokenizer;
  private final PromptTemplate template;
  private final int eos;
  private final int cutoffLength;

  /**
   * An encoder.
   *
   * @param eos the id that ends every response
   * @param cutoffLength the most tokens of a row
   */
  public ExampleEncoder(Tokenizer tokenizer, PromptTemplate template, int eos, int cutoffLength) {
    this.tokenizer = tokenizer;
    this.template = template;
    this.eos = eos;
    this.cutoffLength = cutoffLength;
  }

  /** Ids and labels of one example. */
  public Encoded encode(Example example) {
    String prompt = template.promptFor(example.instruction());
    String text = prompt + template.responseFor(example.response()) + "\n";
    int[] whole = tokenizer.encode(text, true);
    int length = Math.min(whole.length + 1, cutoffLength);
    int[] ids = Arrays.copyOf(whole, length);
    if (length == whole.length + 1) {
      ids[whole.length] = eos;
    }
    int promptLength = Math.min(tokenizer.encode(prompt, true).length, length);
    int[] labels = ids.clone();
    Arrays.fill(labels, 0, promptLength, Encoded.IGNORED);
    return new Encoded(ids, labels);
  }

  /** The ids of a prompt alone, for generation. */
  public int[] encodePrompt(String instruction) {
    return tokenizer.encode(template.promptFor(instruction), true);
  }
}
