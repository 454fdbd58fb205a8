/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import java.util.Locale;
import org.tlora.fault.UsageFault;

/**
 * What of a conversation is learned.
 *
 * @param answers which of the assistant's turns
 * @param thoughts what becomes of thoughts before an answer
 */
public record LearnOptions(Answers answers, Thoughts thoughts) {
  /** Every answer, with thoughts as the template writes them. */
  public static final LearnOptions DEFAULT = new LearnOptions(Answers.ALL, Thoughts.TEMPLATE);

  /** Which turns of the assistant have a loss. */
  public enum Answers {
    /** All, but those that the row itself excludes. */
    ALL,
    /** The last one alone. */
    LAST
  }

  /** What becomes of {@code <think>} parts of answers. */
  public enum Thoughts {
    /** What the template makes of them, which may be nothing; that is said then. */
    TEMPLATE,
    /** They are learned where the template would leave them out. */
    KEEP,
    /** They are taken out before the template sees them. */
    STRIP
  }

  /**
   * As on the command line.
   *
   * @throws UsageFault if one is not known
   */
  public static LearnOptions named(String answers, String thoughts) {
    return new LearnOptions(
        named("`learn`", Answers.values(), answers),
        named("`thoughts`", Thoughts.values(), thoughts));
  }

  private static <E extends Enum<E>> E named(String option, E[] values, String name) {
    StringBuilder known = new StringBuilder();
    for (E value : values) {
      String own = value.name().toLowerCase(Locale.ROOT);
      if (own.equals(name)) {
        return value;
      }
      known.append(known.length() == 0 ? "" : ", ").append(own);
    }
    throw new UsageFault(option + " " + name + " is not known; known are " + known);
  }
}
