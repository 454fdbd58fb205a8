/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text;

import java.util.List;
import org.tlora.fault.Nearest;
import org.tlora.fault.UsageFault;

/**
 * What surrounds an instruction before the model sees it, and how the response's text is rewritten
 * before it is learned.
 *
 * @param name as on the command line
 * @param prompt the text before the response; {@code {instruction}} stands for the instruction
 * @param promptWithInput the same where there is an {@code {input}} too; null: it goes on a line of
 *     its own behind the instruction
 * @param from a text in responses that is replaced, or null
 * @param to its replacement
 */
public record PromptTemplate(
    String name, String prompt, String promptWithInput, String from, String to) {
  private static final String HERE = "{instruction}";
  private static final String INPUT = "{input}";

  private static final String INSTRUCTION =
      "Below is an instruction that describes a task. Write a response that appropriately"
          + " completes the request.\n\n### Instruction:\n{instruction}\n\n### Response:";

  private static final String WITH_INPUT =
      "Below is an instruction that describes a task, paired with an input that provides further"
          + " context. Write a response that appropriately completes the request.\n\n###"
          + " Instruction:\n{instruction}\n\n### Input:\n{input}\n\n### Response:";

  /**
   * The template of the published training scripts; rows with an input have Stanford Alpaca's form
   * for those.
   */
  public static final PromptTemplate ALPACA =
      new PromptTemplate("alpaca", INSTRUCTION, WITH_INPUT, null, null);

  /** The same for raw GSM8K rows: the final {@code #### 72} becomes {@code The answer is: 72}. */
  public static final PromptTemplate GSM8K =
      new PromptTemplate("gsm8k", INSTRUCTION, WITH_INPUT, "####", "The answer is:");

  /** The instruction alone. */
  public static final PromptTemplate PLAIN =
      new PromptTemplate("plain", "{instruction}", null, null, null);

  private static final List<PromptTemplate> ALL = List.of(ALPACA, GSM8K, PLAIN);

  /**
   * The template of that name.
   *
   * @throws UsageFault if there is none
   */
  public static PromptTemplate named(String name) {
    return ALL.stream()
        .filter(t -> t.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageFault(
                    "`template` "
                        + name
                        + " is not known; known are "
                        + String.join(", ", names())
                        + Nearest.question(name, names())));
  }

  /** The names of all templates. */
  public static List<String> names() {
    return ALL.stream().map(PromptTemplate::name).toList();
  }

  /** The text before the response. */
  public String promptFor(String instruction) {
    return prompt.replace(HERE, instruction);
  }

  /** The text before the response to an instruction about an input, which may be empty. */
  public String promptFor(String instruction, String input) {
    if (input.isEmpty()) {
      return promptFor(instruction);
    }
    if (promptWithInput == null) {
      return promptFor(instruction + "\n" + input);
    }
    int at = promptWithInput.indexOf(INPUT); // so that an instruction may hold the word itself
    return promptWithInput.substring(0, at).replace(HERE, instruction)
        + input
        + promptWithInput.substring(at + INPUT.length());
  }

  /** The response as it is learned. */
  public String responseFor(String response) {
    return from == null ? response : response.replace(from, to);
  }
}
