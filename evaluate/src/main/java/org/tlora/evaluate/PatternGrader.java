/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.data.RowFields;
import org.tlora.evaluate.task.Grader;
import org.tlora.evaluate.task.Verdict;

/**
 * The first text in an answer that a pattern fits, against the reference.
 *
 * @param pattern of answers; its first group, if it has one, is what counts
 * @param gold the field of the reference
 */
record PatternGrader(Pattern pattern, String gold) implements Grader {
  static Grader inBothStyles(Pattern pattern, String gold) {
    return new PatternGrader(pattern, gold).readAs(new LenientChoiceGrader(pattern, gold));
  }

  @Override
  public Verdict grade(RowFields row, String completion) {
    Matcher m = pattern.matcher(completion);
    String said = !m.find() ? null : m.groupCount() > 0 ? m.group(1) : m.group();
    return new Verdict(said, row.text(gold).equals(said));
  }
}
