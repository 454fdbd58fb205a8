/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.format;

import java.util.List;

/** What a row teaches. */
public sealed interface Example {
  /** The row it comes from, for messages. */
  String where();

  /**
   * An instruction and the response to learn.
   *
   * @param input what the instruction is about, or empty
   * @param response what is learned
   * @param system what is said before, or null
   * @param history earlier instructions and their responses
   */
  record Instruction(
      String instruction,
      String input,
      String response,
      String system,
      List<Exchange> history,
      String where)
      implements Example {
    /** An instruction alone. */
    public Instruction(String instruction, String response, String where) {
      this(instruction, "", response, null, List.of(), where);
    }
  }

  /** A question and its answer. */
  record Exchange(String question, String answer) {}

  /**
   * A conversation.
   *
   * @param learned for each turn whether it has a loss; only the assistant's can have one
   */
  record Conversation(org.tlora.text.chat.Conversation said, List<Boolean> learned, String where)
      implements Example {
    /** A conversation of which all turns of the assistant are learned. */
    public static Conversation of(org.tlora.text.chat.Conversation said, String where) {
      return new Conversation(
          said, said.messages().stream().map(m -> m.isOfAssistant()).toList(), where);
    }
  }

  /**
   * A text, or a pair, whose label is learned.
   *
   * @param second null: there is one text
   */
  record Labelled(String first, String second, String label, String where) implements Example {}

  /** A text that is learned as a whole. */
  record PlainText(String text, String where) implements Example {}
}
