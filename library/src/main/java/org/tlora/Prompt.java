/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.util.Arrays;
import java.util.List;

/** What a model is to continue. */
public sealed interface Prompt {
  /**
   * A text, put into a template.
   *
   * @param text what the user says
   * @param template plain, alpaca, gsm8k, or chat: the model's own template
   */
  record Text(String text, String template) implements Prompt {}

  /**
   * A conversation, put into the model's own template.
   *
   * @param turns the last of them is the user's
   */
  record Turns(List<Turn> turns) implements Prompt {
    /** Keeps a copy. */
    public Turns {
      turns = List.copyOf(turns);
    }
  }

  /**
   * Tokens as they are; no tokenizer is needed, and there is no text in the result without one.
   *
   * @param ids [tokens]
   */
  record Tokens(List<Integer> ids) implements Prompt {
    /** Keeps a copy. */
    public Tokens {
      ids = List.copyOf(ids);
    }
  }

  /**
   * One turn of a conversation.
   *
   * @param role system, user, assistant, or another that the template knows
   */
  record Turn(String role, String content) {}

  /** A text as it is. */
  static Prompt of(String text) {
    return new Text(text, "plain");
  }

  /** What the user says first in a conversation. */
  static Prompt chat(String text) {
    return new Text(text, "chat");
  }

  /** Tokens as they are. */
  static Prompt ids(int... ids) {
    return new Tokens(Arrays.stream(ids).boxed().toList());
  }
}
