/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.toolcall;

import java.util.List;
import java.util.Optional;
import org.tlora.text.chat.ChatTemplate;

/** The ways of writing calls that are known, by what templates have of them. */
public final class ToolCallFormats {
  /** A way, and a text that only templates of it have. */
  private record Known(String mark, ToolCallFormat format) {}

  private static final List<Known> ALL =
      List.of(
          // Hermes, Qwen 2.5 and 3, SmolLM2 and 3
          new Known("<tool_call>", new TaggedCalls("<tool_call>", "</tool_call>", false)),
          // Granite 3, Phi 4 mini
          new Known("<|/tool_call|>", new TaggedCalls("<|tool_call|>", "<|/tool_call|>", true)),
          new Known("<|tool_call|>", new TaggedCalls("<|tool_call|>", "", true)),
          // Mistral since 0.3
          new Known("[TOOL_CALLS]", new TaggedCalls("[TOOL_CALLS]", "", true)),
          // Llama 3.1 to 3.3
          new Known("\"parameters\": dictionary", new BareCalls("parameters")));

  private ToolCallFormats() {}

  /** The way of a template; nothing if it is not known. */
  public static Optional<ToolCallFormat> of(ChatTemplate template) {
    if (!template.mentions("tools") || template.contains("<function=")) {
      return Optional.empty();
    }
    return ALL.stream()
        .filter(known -> template.contains(known.mark()))
        .map(Known::format)
        .findFirst();
  }
}
