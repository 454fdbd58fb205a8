/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.terminal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Function;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;

/** Asks somebody at a terminal: questions on standard error, answers from standard input. */
public final class Questions {
  /** Set by the launcher, which can tell whether standard input is a terminal. */
  private static final String TERMINAL = "tlora.input";

  private final BufferedReader in =
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));

  /** Whether somebody is there to answer. */
  public static boolean canBeAsked() {
    return Boolean.getBoolean(TERMINAL);
  }

  /**
   * Asks until the answer is one.
   *
   * @param usual the answer that an empty line gives
   * @param wrong what is wrong with an answer; nothing: it is taken
   * @throws UsageFault if the input ends before
   */
  public String ask(String question, String usual, Function<String, Optional<String>> wrong) {
    while (true) {
      System.err.print(question + " [" + usual + "]: ");
      System.err.flush();
      String line = line(question).strip();
      String answer = line.isEmpty() ? usual : line;
      Optional<String> problem = wrong.apply(answer);
      if (problem.isEmpty()) {
        return answer;
      }
      System.err.println(problem.get());
    }
  }

  private String line(String question) {
    try {
      String line = in.readLine();
      if (line == null) {
        System.err.println();
        throw new UsageFault("standard input has ended before '" + question + "' was answered");
      }
      return line;
    } catch (IOException e) {
      throw new RunFault("standard input cannot be read: " + Json.reason(e), e);
    }
  }
}
