/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tlora.data.encode.ConversationEncoder;
import org.tlora.text.chat.Message;

/** What was said so far, as much of it as the model can look back on. */
final class Remembered {
  private final ConversationEncoder encoder;
  private final List<Message> opening;
  private final int most;
  private final List<Message> turns = new ArrayList<>();

  /**
   * A conversation that begins.
   *
   * @param system what the model is told before it, or null
   * @param most tokens of a prompt
   */
  Remembered(ConversationEncoder encoder, String system, int most) {
    this.encoder = encoder;
    this.opening = system == null ? List.of() : List.of(Message.of("system", system));
    this.most = most;
  }

  /**
   * The prompt for an answer to a text. The oldest questions, with their answers, are forgotten
   * where all would be too long.
   *
   * @return nothing if the text alone is too long; all is forgotten then
   * @throws org.tlora.fault.InputFault if the model's template refuses the conversation
   */
  Optional<int[]> ask(String text) {
    turns.add(Message.of("user", text));
    int[] prompt = encoder.prompt(all());
    while (prompt.length > most && turns.size() > 1) {
      turns.subList(0, 2).clear();
      prompt = encoder.prompt(all());
    }
    if (prompt.length > most) {
      turns.clear();
      return Optional.empty();
    }
    return Optional.of(prompt);
  }

  /** Adds what the model said. */
  void answer(String text) {
    turns.add(Message.of(Message.ASSISTANT, text));
  }

  /** Forgets everything but the system's message. */
  void reset() {
    turns.clear();
  }

  /** Questions and answers that are remembered. */
  int size() {
    return turns.size();
  }

  private List<Message> all() {
    List<Message> all = new ArrayList<>(opening);
    all.addAll(turns);
    return all;
  }
}
