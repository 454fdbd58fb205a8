/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.format;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.tlora.fault.InputFault;
import org.tlora.fault.Nearest;
import org.tlora.fault.UsageFault;

/** The formats of rows that are known; a new one is a class and an entry here. */
public final class ExampleFormats {
  private static final String AUTO = "auto";

  private static final List<ExampleFormat> KNOWN =
      List.of(
          new ConversationFormat("messages", "messages", null),
          new ConversationFormat("sharegpt", "conversations", null),
          new ConversationFormat("conversation", "conversation", null),
          new ConversationFormat("prompt-completion-messages", "prompt", "completion"),
          new InstructionFormat("alpaca", "instruction", "output"),
          new InstructionFormat("instruction-response", "instruction", "response"),
          new InstructionFormat("prompt-completion", "prompt", "completion"),
          new InstructionFormat("prompt-response", "prompt", "response"),
          new InstructionFormat("query-response", "query", "response"),
          new InstructionFormat("question-answer", "question", "answer"),
          new InstructionFormat("question-response", "question", "response"),
          new TextFormat("text"));

  private ExampleFormats() {}

  /** The names that {@code format} takes. */
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
    requireOneWay(name, fields);
    if (fields.messages() != null) {
      return conversation(fields.messages(), first);
    }
    if (fields.text() != null) {
      return new TextFormat(fields.text());
    }
    if (fields.prompt() != null && fields.response() != null) {
      return new InstructionFormat("fields", fields.prompt(), fields.response());
    }
    ExampleFormat base = name.equals(AUTO) ? recognised(first) : named(name);
    if (fields.prompt() == null && fields.response() == null) {
      return base;
    }
    if (!(base instanceof InstructionFormat f)) {
      throw new UsageFault(
          "`promptField` and `responseField` do not go with `format` " + base.name());
    }
    return fields.prompt() != null
        ? new InstructionFormat(f.name(), fields.prompt(), f.responseField())
        : new InstructionFormat(f.name(), f.promptField(), fields.response());
  }

  /** Options that name different ways to read a row: one of them would be ignored. */
  private static void requireOneWay(String name, Fields fields) {
    boolean instruction = fields.prompt() != null || fields.response() != null;
    int ways =
        (fields.messages() != null ? 1 : 0)
            + (fields.text() != null ? 1 : 0)
            + (instruction ? 1 : 0);
    if (ways > 1) {
      throw new UsageFault(
          "`messagesField`, `textField`, and `promptField` with `responseField` do not go"
              + " together");
    }
    boolean otherFormat =
        (fields.messages() != null
                && !(name.equals(AUTO) || named(name) instanceof ConversationFormat))
            || (fields.text() != null && !(name.equals(AUTO) || named(name) instanceof TextFormat));
    if (otherFormat) {
      throw new UsageFault("`format` " + name + " does not go with the field that is named");
    }
  }

  /** Turns under another field's name. */
  private static ExampleFormat conversation(String field, Row first) {
    ExampleFormat format = new ConversationFormat("messages", field, null);
    if (format.fits(first)) {
      return format;
    }
    throw new InputFault(
        first.where() + ": field '" + field + "' is not a list of turns of a known kind");
  }

  /** All fields that some format reads; those of labelled rows too. */
  public static Set<String> fieldNames() {
    Set<String> names = new HashSet<>(LabelledFormats.fieldNames());
    for (ExampleFormat f : KNOWN) {
      if (f instanceof ConversationFormat c) {
        names.addAll(Arrays.asList(c.field(), c.completionField()));
      } else if (f instanceof InstructionFormat i) {
        names.addAll(List.of(i.promptField(), i.responseField()));
      } else if (f instanceof TextFormat t) {
        names.add(t.field());
      }
    }
    names.addAll(ConversationFormat.SYSTEM);
    names.addAll(InstructionFormat.INPUT);
    names.addAll(
        List.of(
            ConversationFormat.HISTORY,
            ConversationFormat.TOOLS,
            ConversationFormat.DOCUMENTS,
            ConversationFormat.VARIABLES));
    names.remove(null);
    return names;
  }

  private static ExampleFormat named(String name) {
    return KNOWN.stream()
        .filter(f -> f.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageFault(
                    "`format` "
                        + name
                        + " is not known; known are "
                        + String.join(", ", names())
                        + Nearest.question(name, names())));
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
                        + "; name them with `promptField` and `responseField`, `messagesField`"
                        + " or `textField`"));
  }
}
