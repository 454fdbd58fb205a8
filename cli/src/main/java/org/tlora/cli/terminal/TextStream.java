/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.terminal;

import java.io.PrintStream;
import java.util.function.Consumer;

/** Prints an answer while it is written. */
public final class TextStream implements Consumer<String> {
  private final PrintStream out;

  /** A stream that ends up in another. */
  public TextStream(PrintStream out) {
    this.out = out;
  }

  @Override
  public void accept(String more) {
    out.print(more);
    out.flush();
  }

  /** Ends the line. */
  public void end() {
    out.println();
  }
}
