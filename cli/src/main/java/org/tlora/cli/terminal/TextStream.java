package org.tlora.cli.terminal;

import java.io.PrintStream;
import org.tlora.generate.Generation;
import org.tlora.generate.Generator;

/** Prints an answer while it is written. */
public final class TextStream implements Generator.Listener {
  private final PrintStream out;
  private final boolean on;
  private int printed;

  /**
   * A stream.
   *
   * @param on whether anything is to be printed
   */
  public TextStream(PrintStream out, boolean on) {
    this.out = out;
    this.on = on;
  }

  @Override
  public boolean wantsText() {
    return on;
  }

  @Override
  public void onText(int index, String text) {
    if (text.length() > printed) {
      out.print(text.substring(printed));
      out.flush();
      printed = text.length();
    }
  }

  @Override
  public void onDone(int index, Generation generation) {}

  /** Prints what is left of the whole answer, and ends the line. */
  public void end(String whole) {
    onText(0, whole);
    out.println();
  }
}
