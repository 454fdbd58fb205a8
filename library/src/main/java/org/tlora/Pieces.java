/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.util.function.Consumer;
import org.tlora.generate.Generation;
import org.tlora.generate.GenerationListener;

/** Tells of what is new in a text that grows. */
final class Pieces implements GenerationListener {
  private final Consumer<String> more;
  private int told;

  Pieces(Consumer<String> more) {
    this.more = more;
  }

  @Override
  public boolean wantsText() {
    return true;
  }

  @Override
  public void onText(String text) {
    if (text.length() > told) {
      more.accept(text.substring(told));
      told = text.length();
    }
  }

  @Override
  public void onDone(Generation generation) {
    if (generation.text() != null) { // tokens that nobody makes a text of
      onText(generation.text());
    }
  }
}
