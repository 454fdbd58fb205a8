/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.generate;

import java.util.List;

/** Is told of one text while it is written, by the thread that generates. */
public interface GenerationListener {
  /** Tells nobody. */
  GenerationListener NONE = new GenerationListener() {};

  /** Whether {@link #onText} is to be called. */
  default boolean wantsText() {
    return false;
  }

  /**
   * There is more of the text.
   *
   * @param text what is there for sure: without what may become a stop word or is half a character
   */
  default void onText(String text) {}

  /**
   * There is more of the text, and these are all tokens so far; called in place of {@link
   * #onText(String)} where it is overridden.
   *
   * @param scores of the tokens so far; empty where the request did not want them
   */
  default void onText(String text, List<ScoredToken> scores) {
    onText(text);
  }

  /** It is done. */
  default void onDone(Generation generation) {}
}
