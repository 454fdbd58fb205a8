/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.data.RowFields;
import org.tlora.evaluate.task.Grader;
import org.tlora.evaluate.task.Verdict;

/**
 * The expression that a text gives as its answer, in a box, behind "the answer is", or as its last
 * formula, against the reference, where signs of formulas, units and ways of writing make no
 * difference ({@link LenientMathForm}).
 */
final class LenientMathGrader implements Grader {
  private static final Pattern FORMULA =
      Pattern.compile(
          "(?s)\\$\\$(.+?)\\$\\$|(?<!\\\\)\\$([^$\\n]+?)(?<!\\\\)\\$|\\\\\\((.+?)\\\\\\)"
              + "|\\\\\\[(.+?)\\\\\\]");
  private static final Pattern BEGINS_AS_FORMULA = Pattern.compile("^[*_\\s]*[-+$\\\\\\d(\\[{.]");
  private static final Pattern BETWEEN_BOXES =
      Pattern.compile(
          "\\}?\\s*(?:\\\\?[$)\\]]|\\\\\\))*\\s*(?:,|;|\\band\\b|\\bor\\b|\\\\text\\{\\s*(?:and|or)\\s*\\})*"
              + "\\s*(?:\\\\?[$(\\[]|\\\\\\()*\\s*");

  @Override
  public Verdict grade(RowFields row, String completion) {
    String solution = row.text("answer");
    List<FinalAnswer.Place> boxes = FinalAnswer.boxes(solution);
    List<String> golds =
        boxes.isEmpty()
            ? List.of(solution.strip())
            : List.of(lastBoxes(solution, boxes), boxes.get(boxes.size() - 1).text());
    List<String> readings = readings(completion);
    for (String said : readings) {
      for (String gold : golds) {
        if (MathGrader.equivalent(said, gold) || LenientMathForm.same(said, gold)) {
          return new Verdict(said, true);
        }
      }
    }
    return new Verdict(readings.isEmpty() ? null : readings.get(0), false);
  }

  /** What a text may give as its answer, the likeliest first; they are readings of one place. */
  static List<String> readings(String completion) {
    String text = FinalAnswer.withoutThoughts(completion).strip();
    List<FinalAnswer.Place> boxes = FinalAnswer.boxes(text);
    if (!boxes.isEmpty()) {
      return List.of(lastBoxes(text, boxes));
    }
    for (FinalAnswer.Place place : FinalAnswer.placesIn(text)) {
      boolean heading = // "#### Step 2"
          place.mark() == FinalAnswer.Mark.HASHES
              && !BEGINS_AS_FORMULA.matcher(place.text()).find();
      if (!place.text().isBlank() && !heading) {
        return of(place.text());
      }
    }
    List<String> formulas = formulas(text);
    if (!formulas.isEmpty()) {
      return List.of(trimmed(formulas.get(formulas.size() - 1)));
    }
    return text.isEmpty() || text.contains("\n") ? List.of() : of(text);
  }

  /** The last box, or several that stand side by side, as one list. */
  private static String lastBoxes(String text, List<FinalAnswer.Place> boxes) {
    int first = boxes.size() - 1;
    while (first > 0) {
      FinalAnswer.Place before = boxes.get(first - 1);
      int end = text.indexOf(before.text(), before.at()) + before.text().length();
      int next = boxes.get(first).at();
      String between = text.substring(Math.min(end, next), next);
      if (end > next || !BETWEEN_BOXES.matcher(between).matches() || between.contains("\n\n")) {
        break;
      }
      first--;
    }
    List<String> all = boxes.subList(first, boxes.size()).stream().map(b -> b.text()).toList();
    return String.join(", ", all);
  }

  /** Readings of a sentence: all of it, its only formula, the number before a unit. */
  private static List<String> of(String said) {
    List<String> readings = new ArrayList<>();
    String whole = trimmed(said);
    List<String> formulas = formulas(whole);
    if (formulas.size() == 1) {
      readings.add(trimmed(formulas.get(0)));
    }
    readings.add(whole);
    return readings;
  }

  private static List<String> formulas(String text) {
    List<String> all = new ArrayList<>();
    Matcher m = FORMULA.matcher(text);
    while (m.find()) {
      for (int g = 1; g <= m.groupCount(); g++) {
        if (m.group(g) != null) {
          all.add(m.group(g).strip());
        }
      }
    }
    return all;
  }

  private static String trimmed(String said) {
    return said.strip().replaceAll("^[*_`\\s]+|[*_`\\s.,;:!]+$", "").strip();
  }
}
