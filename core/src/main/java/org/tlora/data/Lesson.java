/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data;

import java.util.List;

/** What a row teaches. */
public sealed interface Lesson {
  /**
   * An instruction and the response to learn.
   *
   * @param input what the instruction is about, or empty
   */
  record Response(String instruction, String input, String response) implements Lesson {}

  /**
   * A conversation, whose turns of the assistant are learned.
   *
   * @param turns in their order; through the model's own template
   */
  record Conversation(List<Turn> turns) implements Lesson {
    /** Keeps a copy. */
    public Conversation {
      turns = List.copyOf(turns);
    }
  }

  /**
   * One turn.
   *
   * @param role system, user, assistant, or another that the template knows
   */
  record Turn(String role, String content) {}

  /** A text that is learned as a whole. */
  record Text(String text) implements Lesson {}

  /**
   * A text, or a pair, and the label that an encoder learns of it.
   *
   * @param second null: there is one text
   */
  record Label(String first, String second, String label) implements Lesson {}
}
