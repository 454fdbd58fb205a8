/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.tlora.fault.InputFault;

/**
 * The families of chat templates that are known by name, told apart by the marks that stand around
 * turns: by those that are written, or, of a template that refuses an ordinary conversation, by
 * those that its text has.
 */
public final class TemplateFamily {
  private static final String OF_SYSTEM = "<<SYS>>";

  private record Known(String name, List<String> marks) {}

  /** The first whose marks are all there. */
  private static final List<Known> ALL =
      List.of(
          new Known("ChatML", List.of("<|im_start|>")),
          new Known("Llama 3", List.of("<|start_header_id|>")),
          new Known("Llama 4", List.of("<|header_start|>")),
          new Known("Llama 2", List.of("[INST]", OF_SYSTEM)),
          new Known("Mistral", List.of("[INST]")),
          new Known("Gemma", List.of("<start_of_turn>")),
          new Known("Phi 4", List.of("<|im_sep|>")),
          new Known("Phi 3", List.of("<|user|>", "<|end|>")),
          new Known("Granite", List.of("<|start_of_role|>")),
          new Known("Command R", List.of("<|START_OF_TURN_TOKEN|>")),
          new Known("DeepSeek", List.of("<｜User｜>")),
          new Known("EXAONE", List.of("[|user|]")),
          new Known("Harmony", List.of("<|start|>", "<|message|>")),
          new Known("Zephyr", List.of("<|user|>")),
          new Known("Alpaca", List.of("### Instruction:")),
          new Known("Vicuna", List.of("USER:", "ASSISTANT:")));

  private TemplateFamily() {}

  /** The family's name; empty where the marks are none that are known. */
  public static Optional<String> of(ChatTemplate template) {
    Optional<String> written = written(template);
    Predicate<String> isThere =
        mark ->
            mark.equals(OF_SYSTEM) // a conversation without such a message has it not
                ? template.contains(mark)
                : written.map(text -> text.contains(mark)).orElseGet(() -> template.contains(mark));
    return ALL.stream()
        .filter(known -> known.marks().stream().allMatch(isThere))
        .map(Known::name)
        .findFirst();
  }

  private static Optional<String> written(ChatTemplate template) {
    List<Message> turns =
        List.of(Message.of("user", "Question"), Message.of(Message.ASSISTANT, "Answer"));
    try {
      return Optional.of(template.text(turns, true));
    } catch (InputFault e) {
      return Optional.empty();
    }
  }
}
