package org.tlora.data;

import java.util.List;
import org.tlora.text.Message;

/** What a row teaches. */
public sealed interface Example {
  /** The row it comes from, for messages. */
  String where();

  /** An instruction and the response to learn. */
  record Instruction(String instruction, String response, String where) implements Example {}

  /** A conversation, of which the assistant's turns are learned. */
  record Conversation(List<Message> messages, String where) implements Example {}

  /**
   * A text, or a pair, whose label is learned.
   *
   * @param second null: there is one text
   */
  record Labelled(String first, String second, String label, String where) implements Example {}

  /** A text that is learned as a whole. */
  record PlainText(String text, String where) implements Example {}
}
