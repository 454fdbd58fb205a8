/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.terminal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import org.tlora.collective.LaunchEnvironment;
import org.tlora.collective.World;
import org.tlora.fault.UsageFault;

/** Standard output, which carries results alone. */
public final class ResultStream {
  /** Another name of this process's standard output, on Linux. */
  private static final String SAME = "/proc/self/fd/1";

  private ResultStream() {}

  /** What is printed is UTF-8 whatever the locale says: '?' for a letter would be another text. */
  public static PrintStream open() {
    FileOutputStream out = new FileOutputStream(FileDescriptor.out);
    return new PrintStream(isOfGroup() ? apart(out) : out, true, UTF_8);
  }

  private static boolean isOfGroup() {
    try {
      return World.of(LaunchEnvironment.ofProcess()).isGroup();
    } catch (UsageFault e) {
      return false; // the command says it
    }
  }

  /**
   * Where processes are joined, libtorch prints a line of its own about that. The output is opened
   * a second time for results, and what is printed past Java goes nowhere: the platform connects a
   * standard stream that is closed to the null device.
   */
  private static FileOutputStream apart(FileOutputStream out) {
    try {
      FileOutputStream again = new FileOutputStream(SAME, true);
      out.close();
      return again;
    } catch (IOException e) {
      return out; // a socket, or not Linux: the line will be among the results
    }
  }
}
