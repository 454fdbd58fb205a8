/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.io.IOException;
import java.util.List;

/** The families' templates of the golden texts, for tests elsewhere. */
public final class ChatTemplates {
  private ChatTemplates() {}

  /** Those that write turns as a family does. */
  public static List<String> names() {
    return List.of("llama3", "qwen2.5", "qwen3", "gemma", "mistral", "phi3", "smollm2", "chatml");
  }

  /** The template of that name. */
  public static String source(String name) {
    try {
      return ChatTemplateTest.templates().stream()
          .filter(t -> t.path("name").asText().equals(name))
          .findFirst()
          .orElseThrow()
          .path("template")
          .asText();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
