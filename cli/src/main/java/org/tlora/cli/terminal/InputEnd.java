/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.terminal;

import java.io.IOException;
import java.io.InputStream;

/**
 * The end of standard input, as a sign from the program that has started this one and holds its
 * other end: also where that program is killed, the system ends it.
 */
public final class InputEnd {
  private InputEnd() {}

  /** Runs something once the input ends; what comes before is not looked at. */
  public static void await(InputStream in, Runnable then) {
    Thread thread = new Thread(() -> read(in, then), "input-end");
    thread.setDaemon(true);
    thread.start();
  }

  private static void read(InputStream in, Runnable then) {
    byte[] buffer = new byte[256];
    try {
      while (in.read(buffer) >= 0) {
        // goes on
      }
    } catch (IOException e) {
      // as if it had ended
    }
    then.run();
  }
}
