/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.tlora.evaluate.task.Verdict;
import org.tlora.evaluate.task.Verdicts;
import org.tlora.fault.Nearest;
import org.tlora.fault.UsageFault;

/** How strictly answers are read. */
public enum GradingStyle {
  /** As the published script of the task does it, form included. */
  PUBLISHED,
  /** As a reader would, whatever form the answer has. */
  LENIENT;

  /** As on the command line, in results and in samples. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The verdict of this style. */
  Verdict of(Verdicts verdicts) {
    return this == PUBLISHED ? verdicts.published() : verdicts.lenient();
  }

  /** The other one. */
  GradingStyle other() {
    return this == PUBLISHED ? LENIENT : PUBLISHED;
  }

  /**
   * The style of that name.
   *
   * @throws UsageFault if there is none
   */
  public static GradingStyle named(String name) {
    for (GradingStyle s : values()) {
      if (s.label().equals(name)) {
        return s;
      }
    }
    List<String> known = Arrays.stream(values()).map(GradingStyle::label).toList();
    throw new UsageFault(
        "`grading` must be "
            + String.join(" or ", known)
            + ", not "
            + name
            + Nearest.question(name, known));
  }
}
