/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.tlora.fault.InputFault;
import org.tlora.generate.Generation;

/**
 * A conversation with a model. What its earlier turns computed is kept, so that a turn computes
 * only what is new. The oldest questions, with their answers, are forgotten where the model cannot
 * look back on all. Not safe for threads; several conversations may go on with one model at a time.
 */
public final class Chat {
  private final LanguageModel model;
  private final Remembered turns;
  private final List<Integer> ends;
  private final GenerationOptions options;

  Chat(LanguageModel model, Remembered turns, List<Integer> ends, GenerationOptions options) {
    this.model = model;
    this.turns = turns;
    this.ends = ends;
    this.options = options;
  }

  /**
   * Says something and waits for the answer.
   *
   * @throws InputFault if it is longer than the model can look back on; all is forgotten then
   */
  public String ask(String text) {
    return ask(text, more -> {})
        .orElseThrow(
            () ->
                new InputFault(
                    "the model cannot look back on so long a text; ask something shorter"))
        .text();
  }

  /**
   * Says something and gives the answer while it is written.
   *
   * @param more is given each piece of the answer as it comes, on the thread that generates
   * @return the whole answer; nothing if the text is longer than the model can look back on: all is
   *     forgotten then
   * @throws InputFault if the model's template refuses the conversation
   */
  public Optional<Generation> ask(String text, Consumer<String> more) {
    int before = turns.size();
    Optional<int[]> prompt = turns.ask(text);
    if (prompt.isEmpty()) {
      return Optional.empty();
    }
    if (turns.size() <= before) {
      model.tell("the beginning of the conversation is forgotten, it is too long");
    }
    Generation answer = model.continueChat(prompt.get(), ends, options, more);
    turns.answer(answer.text());
    return Optional.of(answer);
  }

  /** Forgets everything but what the model was told before the conversation. */
  public void reset() {
    turns.reset();
  }

  /** Questions and answers that are remembered. */
  public int turns() {
    return turns.size();
  }
}
