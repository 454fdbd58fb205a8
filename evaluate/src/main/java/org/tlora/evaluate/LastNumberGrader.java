/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.data.RowFields;
import org.tlora.evaluate.task.Grader;
import org.tlora.evaluate.task.Verdict;
import org.tlora.fault.InputFault;

/**
 * The last number of an answer, without thousands' commas, within a thousandth of the reference: as
 * the published scripts for the arithmetic sets have it (Hu et al., arXiv 2304.01933).
 *
 * @param gold the field of the reference
 */
record LastNumberGrader(String gold) implements Grader {
  private static final Pattern NUMBER = Pattern.compile("-?\\d+\\.?\\d*");
  private static final double TOLERANCE = 0.001;

  static Grader inBothStyles(String gold) {
    return new LastNumberGrader(gold).readAs(new LenientNumberGrader(gold, TOLERANCE));
  }

  @Override
  public Verdict grade(RowFields row, String completion) {
    Double reference = last(row.text(gold));
    if (reference == null) {
      throw new InputFault(row.where() + ": field '" + gold + "' holds no number");
    }
    Double said = last(completion);
    return new Verdict(
        said == null ? null : "" + said, said != null && Math.abs(said - reference) <= TOLERANCE);
  }

  private static Double last(String text) {
    Matcher m = NUMBER.matcher(text.replace(",", ""));
    Double last = null;
    while (m.find()) {
      last = Double.valueOf(m.group());
    }
    return last;
  }
}
