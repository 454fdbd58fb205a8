/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate.judge;

import java.util.List;
import org.tlora.text.PromptTemplate;
import org.tlora.text.Tokenizer;
import org.tlora.text.chat.Message;

/**
 * Questions as the published scripts train on instructions, for models without a chat template: the
 * template's words once, then a heading for each instruction and each response.
 */
public final class AlpacaTurns {
  private final Tokenizer tokenizer;

  /** Encodes by this tokenizer, which adds the token that begins a text. */
  public AlpacaTurns(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** What comes before the next answer. */
  public int[] prompt(List<Message> messages) {
    return tokenizer.encode(text(messages), true);
  }

  /** The same, as a text. */
  static String text(List<Message> messages) {
    StringBuilder text = new StringBuilder();
    for (Message m : messages) {
      if (m.role().equals(Message.ASSISTANT)) {
        text.append(m.content());
      } else if (text.isEmpty()) {
        text.append(PromptTemplate.ALPACA.promptFor(m.content()));
      } else {
        text.append("\n\n### Instruction:\n").append(m.content()).append("\n\n### Response:");
      }
    }
    return text.toString();
  }
}
