/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

/**
 * What rendering one conversation may cost: steps, letters and depth. A template comes with a
 * model, so it may be hostile; and a count ends at the same place on every machine, which a time
 * does not.
 */
final class Budget {
  /** About two seconds of the slowest machines. */
  static final long STEPS = 20_000_000;

  /** Letters of all texts that are made. */
  static final long LETTERS = 1L << 28;

  private static final int DEPTH = 180;

  private final long most;
  private long steps;
  private long letters;
  private int depth;

  Budget() {
    this(STEPS, LETTERS);
  }

  Budget(long steps, long letters) {
    this.most = steps;
    this.steps = steps;
    this.letters = letters;
  }

  /** One more step. */
  void step() {
    steps(1);
  }

  /** So many more steps. */
  void steps(long more) {
    steps -= more;
    if (steps < 0) {
      throw new TemplateError(
          TemplateError.Kind.BUDGET, "rendering takes more than " + most + " steps");
    }
  }

  /** A text of so many letters is about to be made. */
  void letters(long more) {
    letters -= more;
    if (letters < 0) {
      throw new TemplateError(
          TemplateError.Kind.BUDGET, "rendering makes more than " + LETTERS + " letters");
    }
    steps(1 + more / 16);
  }

  /** A call begins; whoever calls this calls {@link #leave} at its end. */
  void enter() {
    if (++depth > DEPTH) {
      throw new TemplateError(
          TemplateError.Kind.BUDGET, "calls are nested more than " + DEPTH + " deep");
    }
  }

  /** A call ends. */
  void leave() {
    depth--;
  }
}
