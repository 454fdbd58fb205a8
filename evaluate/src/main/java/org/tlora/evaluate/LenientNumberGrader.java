/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.data.RowFields;
import org.tlora.evaluate.task.Grader;
import org.tlora.evaluate.task.Verdict;
import org.tlora.fault.InputFault;

/**
 * The number that a text gives as its answer: in its last box, behind its last {@code ####} or "the
 * answer is", whichever comes last; where there is none of them, its last number. It has to be the
 * reference's, not near it by rounding.
 *
 * @param gold the field of the reference
 * @param tolerance how far it may be off
 */
record LenientNumberGrader(String gold, double tolerance) implements Grader {
  /** Behind these words comes what a calculation gives. */
  private static final Pattern RESULT =
      Pattern.compile("(?i)=|≈|\\bequals\\b|\\bwhich (?:is|gives|makes|means)\\b");

  private static final Pattern REASON = Pattern.compile("(?i)\\b(?:because|since|as|if|when)\\b");

  @Override
  public Verdict grade(RowFields row, String completion) {
    String reference = row.text(gold);
    int marker = reference.lastIndexOf("####");
    List<NumberText.Found> right =
        NumberText.in(NumberText.plain(marker < 0 ? reference : reference.substring(marker + 4)));
    if (right.isEmpty()) {
      throw new InputFault(row.where() + ": field '" + gold + "' holds no number");
    }
    NumberText.Found said = extract(completion);
    if (said == null) {
      return new Verdict(null, false);
    }
    Ratio wanted = right.get(marker < 0 ? right.size() - 1 : 0).value();
    boolean whole = same(said.value(), wanted);
    boolean scaled = same(said.scaled(), wanted);
    return new Verdict((scaled ? said.scaled() : said.value()).text(), whole || scaled);
  }

  private boolean same(Ratio a, Ratio b) {
    return tolerance == 0 ? a.is(b) : Math.abs(a.value() - b.value()) <= tolerance;
  }

  /** The number that a text gives as its answer, or null. */
  static NumberText.Found extract(String completion) {
    String text = NumberText.plain(FinalAnswer.withoutThoughts(completion));
    for (FinalAnswer.Place place : FinalAnswer.placesIn(text)) {
      NumberText.Found found = in(place);
      if (found != null) {
        return found;
      }
    }
    List<NumberText.Found> all = NumberText.in(text);
    return all.isEmpty() ? null : all.get(all.size() - 1);
  }

  private static NumberText.Found in(FinalAnswer.Place place) {
    String text = place.text();
    List<NumberText.Found> all = NumberText.in(text);
    if (all.isEmpty()) {
      return null;
    }
    if (place.mark() == FinalAnswer.Mark.HASHES) { // others are headings: "#### Step 2"
      String before = text.substring(0, all.get(0).start()).toLowerCase(Locale.ROOT);
      return before.matches("[\\s$€£*_(]*") ? all.get(0) : null;
    }
    int from = 0;
    Matcher why = REASON.matcher(text);
    int end = why.find(all.get(0).end()) ? why.start() : text.length();
    Matcher m = RESULT.matcher(text).region(all.get(0).end(), end);
    while (m.find()) {
      from = m.end();
    }
    for (NumberText.Found f : all) {
      if (f.start() >= from && f.start() < end) {
        return f;
      }
    }
    return all.get(0);
  }
}
