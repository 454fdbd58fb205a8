/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.tlora.fault.Nearest;
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
    List<String> known = names(values);
    if (known.contains(name)) {
      return values[known.indexOf(name)];
    }
    throw new UsageFault(
        option
            + " "
            + name
            + " is not known; known are "
            + String.join(", ", known)
            + Nearest.question(name, known));
  }

  /** The names of {@link Answers}. */
  public static List<String> answerNames() {
    return names(Answers.values());
  }

  /** The names of {@link Thoughts}. */
  public static List<String> thoughtNames() {
    return names(Thoughts.values());
  }

  private static List<String> names(Enum<?>[] values) {
    return Arrays.stream(values).map(v -> v.name().toLowerCase(Locale.ROOT)).toList();
  }
}
