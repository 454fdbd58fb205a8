package org.tlora.data;

import java.util.ArrayList;
import java.util.List;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;

/** The formats of rows that are known; a new one is a class and an entry here. */
public final class ExampleFormats {
  private static final String AUTO = "auto";

  private static final List<ExampleFormat> KNOWN =
      List.of(
          new ConversationFormat("messages", "messages", "role", "content"),
          new ConversationFormat("sharegpt", "conversations", "from", "value"),
          new InstructionFormat("alpaca", "instruction", "input", "output"),
          new InstructionFormat("prompt-completion", "prompt", null, "completion"),
          new InstructionFormat("query-response", "query", null, "response"),
          new InstructionFormat("question-answer", "question", null, "answer"),
          new TextFormat("text"));

  private ExampleFormats() {}

  /** The names that {@code --format} takes. */
  public static List<String> names() {
    List<String> names = new ArrayList<>(List.of(AUTO));
    KNOWN.forEach(f -> names.add(f.name()));
    return names;
  }

  /**
   * Chooses a format.
   *
   * @param name one of {@link #names()}; {@code auto} goes by the fields of {@code first}
   * @param fields override the format's own
   * @throws UsageFault if there is no such format
   * @throws InputFault if the fields of the row fit none
   */
  public static ExampleFormat choose(String name, Fields fields, Row first) {
    if (fields.messages() != null) {
      return conversation(name, fields.messages(), first);
    }
    if (fields.text() != null) {
      return new TextFormat(fields.text());
    }
    if (fields.prompt() != null && fields.response() != null) {
      return new InstructionFormat("fields", fields.prompt(), null, fields.response());
    }
    ExampleFormat base = name.equals(AUTO) ? recognised(first) : named(name);
    if (fields.prompt() == null && fields.response() == null) {
      return base;
    }
    if (!(base instanceof InstructionFormat f)) {
      throw new UsageFault(
          "--prompt-field and --response-field do not go with --format " + base.name());
    }
    return fields.prompt() != null
        ? new InstructionFormat(f.name(), fields.prompt(), null, f.responseField())
        : new InstructionFormat(f.name(), f.promptField(), f.inputField(), fields.response());
  }

  /** Turns under another field's name, with the keys that the first turn shows. */
  private static ExampleFormat conversation(String name, String field, Row first) {
    for (ExampleFormat f : KNOWN) {
      if (f instanceof ConversationFormat c && (name.equals(AUTO) || name.equals(c.name()))) {
        ConversationFormat moved =
            new ConversationFormat(c.name(), field, c.roleField(), c.contentField());
        if (moved.fits(first)) {
          return moved;
        }
      }
    }
    throw new InputFault(
        first.where() + ": field '" + field + "' is not a list of turns of a known kind");
  }

  private static ExampleFormat named(String name) {
    return KNOWN.stream()
        .filter(f -> f.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageFault(
                    "--format " + name + " is not known; known are " + String.join(", ", names())));
  }

  private static ExampleFormat recognised(Row first) {
    return KNOWN.stream()
        .filter(f -> f.fits(first))
        .findFirst()
        .orElseThrow(
            () ->
                new InputFault(
                    first.where()
                        + ": no known format has the fields "
                        + Fields.names(first)
                        + "; name them with --prompt-field and --response-field, --messages-field"
                        + " or --text-field"));
  }
}
