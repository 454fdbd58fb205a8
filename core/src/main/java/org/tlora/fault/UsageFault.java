/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.fault;

import java.util.List;

/** The command line, the configuration or a program's options are wrong. */
public final class UsageFault extends Fault {
  private static final long serialVersionUID = 1L;

  private final List<String> problems;

  /** Several faults at once; the message names each. */
  public UsageFault(List<String> problems) {
    super(String.join("; ", problems), null);
    this.problems = List.copyOf(problems);
  }

  /** A fault that is described by {@code message} alone. */
  public UsageFault(String message) {
    super(message, null);
    problems = List.of(message);
  }

  /** A fault that something else caused. */
  public UsageFault(String message, Throwable cause) {
    super(message, cause);
    problems = List.of(message);
  }

  /** Everything that is wrong, each by itself; properties are named as {@link Property} says. */
  public List<String> problems() {
    return problems;
  }

  @Override
  public int exitStatus() {
    return 2;
  }
}
