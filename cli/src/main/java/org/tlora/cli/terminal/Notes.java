/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.terminal;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** What a user should know before a command begins, on standard error. */
public final class Notes {
  private Notes() {}

  /** Whether a command tells by JSON objects how it goes. */
  public static boolean isJson(CommandLine command) {
    OptionSpec format = command.getCommandSpec().findOption(Progress.FORMAT);
    return format != null && Progress.JSON.equals(format.getValue());
  }

  /** Says a line. */
  public static void say(CommandLine command, String line) {
    PrintWriter err = command.getErr();
    err.println(isJson(command) ? JsonLines.note(line) : line);
    err.flush();
  }
}
