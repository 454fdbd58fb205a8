/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.tlora.text.chat.ChatTemplate;
import org.tlora.toolcall.ToolCallFormat;
import org.tlora.toolcall.ToolCallFormats;

/** Answers of models that may call tools, in every way that is known. */
public final class CallsFuzz {
  private static final List<ToolCallFormat> FORMATS =
      List.of(
          format("<tool_call>"),
          format("<|tool_call|><|/tool_call|>"),
          format("[TOOL_CALLS]"),
          format("\"parameters\": dictionary"));

  private CallsFuzz() {}

  private static ToolCallFormat format(String mark) {
    return ToolCallFormats.of(new ChatTemplate("{{ tools }}" + mark, Map.of())).orElseThrow();
  }

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] data) {
    String text = new String(data, StandardCharsets.UTF_8);
    for (ToolCallFormat format : FORMATS) {
      ToolCallFormat.Parsed parsed = format.parse(text);
      if (parsed.calls().isEmpty() && !parsed.said().equals(text)) {
        throw new IllegalStateException("an answer without calls is what it is");
      }
    }
  }
}
