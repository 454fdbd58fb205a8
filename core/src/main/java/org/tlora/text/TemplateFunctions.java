package org.tlora.text;

import java.time.LocalDateTime;
import java.time.ZoneId;

/** Functions that chat templates may call; public for the template engine alone. */
public final class TemplateFunctions {
  private TemplateFunctions() {}

  /** A template's own objection to a conversation. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message);
    }
  }

  /** {@code raise_exception(message)}. */
  @SuppressWarnings("DoNotCallSuggester") // the engine calls it by its name
  public static String raise(String message) {
    throw new Refused(message);
  }

  /** {@code strftime_now(format)}. */
  public static String now(String format) {
    return ChatTemplate.formatted(LocalDateTime.now(ZoneId.systemDefault()), format);
  }
}
