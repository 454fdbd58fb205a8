package org.tlora.fuzz;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.tlora.fault.InputFault;
import org.tlora.text.ChatTemplate;
import org.tlora.text.Message;

/** Chat templates, on a short conversation. */
public final class ChatTemplateFuzz {
  private static final List<Message> CONVERSATION =
      List.of(
          new Message("system", "Be brief."),
          new Message("user", "1+1?"),
          new Message("assistant", "2"));

  private static final Duration PATIENCE = Duration.ofMillis(4);

  private ChatTemplateFuzz() {}

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] data) {
    try {
      String source = new String(data, StandardCharsets.UTF_8);
      new ChatTemplate(source, Map.of("bos_token", "<s>"), PATIENCE).render(CONVERSATION, true);
    } catch (InputFault e) {
      // one clear line
    }
  }
}
