/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.generate;

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

  /** It is done. */
  default void onDone(Generation generation) {}
}
