/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.tlora.fault.InputFault;
import org.tlora.text.chat.ChatTemplate;
import org.tlora.text.chat.Conversation;
import org.tlora.text.chat.Message;

/** Chat templates, on a short conversation. */
public final class ChatTemplateFuzz {
  private static final Conversation CONVERSATION =
      Conversation.of(
          List.of(
              Message.of("system", "Be brief."),
              Message.of("user", "1+1?"),
              Message.of("assistant", "2")));

  private ChatTemplateFuzz() {}

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] data) {
    try {
      String source = new String(data, StandardCharsets.UTF_8);
      new ChatTemplate(source, Map.of("bos_token", "<s>"), 20_000).render(CONVERSATION, true);
    } catch (InputFault e) {
      // one clear line
    }
  }
}
