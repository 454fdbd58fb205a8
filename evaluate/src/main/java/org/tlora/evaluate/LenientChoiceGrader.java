/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.data.RowFields;
import org.tlora.evaluate.task.Grader;
import org.tlora.evaluate.task.Verdict;

/**
 * One of several answers that have names: letters, {@code option2}, true and false, or whatever a
 * pattern finds. What the text begins with counts, or what it marks as its answer last; where it
 * does neither, the last one that it names, as long as it is clear that a name was meant.
 *
 * @param pattern that the task has for such names
 * @param gold the field of the reference
 */
record LenientChoiceGrader(Pattern pattern, String gold) implements Grader {
  private static final Pattern NUMBERED = Pattern.compile("(\\p{Alpha}+)(\\d+)");
  private static final Pattern LISTED = Pattern.compile("^\\s*\\d+[.)]?\\s");
  private static final Pattern ARTICLE = Pattern.compile("^[Aa]\\s+\\p{L}");
  private static final Pattern DENIED =
      Pattern.compile(
          "(?i)^\\W{0,3}\\s(?:is|are|was|would be|can be)\\s+(?:wrong|incorrect|false|not|excluded)");
  private static final Pattern OPENING =
      Pattern.compile("^(?:\\s|[*_`>\"'#(\\[{$]|\\\\(?:text|mathrm|textbf|boxed|fbox|\\()\\s*)*");

  @Override
  public Verdict grade(RowFields row, String completion) {
    String right = row.text(gold);
    String said = Names.like(right, pattern).in(FinalAnswer.withoutThoughts(completion));
    return new Verdict(said, said != null && said.equalsIgnoreCase(right));
  }

  /**
   * The names that an answer may have.
   *
   * @param known fits what is such a name
   * @param leading fits one at a beginning, where it may be short
   * @param anywhere fits one that cannot be anything else
   * @param prefix what a number in a group belongs behind; empty where the group is the name
   */
  private record Names(Pattern known, Pattern leading, Pattern anywhere, String prefix) {
    static Names like(String right, Pattern pattern) {
      if (right.matches("\\p{Lu}") && pattern.matcher(right).matches()) {
        String end = "(?=[\\s.:,;)\\]}*_`\"'$\\\\!]|$)";
        return new Names(
            pattern,
            Pattern.compile("^(?:(?i:option|choice|answer)\\s*[*_(]*)?(\\p{L})" + end),
            // the article A is no name, nor is the pronoun I
            Pattern.compile(
                "[(\\[](\\p{Lu})[)\\]]|\\b(?i:option|choice|answer)\\s*[*_(]*(\\p{Lu})\\b"
                    + "|(?<![\\w'’])([B-HJ-Z])(?=[\\s.:,;)*_]|$)"
                    + "|(?m)^[\\s*_]*(A)(?:[.:)*_]|\\s*$)"),
            "");
      }
      Matcher numbered = NUMBERED.matcher(right);
      if (numbered.matches()) {
        String word = numbered.group(1);
        String named = "\\b" + Pattern.quote(word) + "[\\s#*_:(-]{0,4}(\\d+)\\b";
        int ignoring = Pattern.CASE_INSENSITIVE;
        return new Names(
            pattern,
            Pattern.compile(
                "^(?:(?:option|choice|answer|" + word + ")[\\s#*_:(-]*)?(\\d+)\\b", ignoring),
            Pattern.compile(named, ignoring),
            word);
      }
      if (right.equalsIgnoreCase("true") || right.equalsIgnoreCase("false")) {
        String words = "(not\\s+true|true|false|yes\\b|no\\b(?=\\W*(?:$|\\n)|[,.!;*]))";
        return new Names(
            pattern,
            Pattern.compile("^" + words, Pattern.CASE_INSENSITIVE),
            Pattern.compile("\\b" + words, Pattern.CASE_INSENSITIVE),
            "");
      }
      int ignoring = Pattern.CASE_INSENSITIVE | Pattern.DOTALL;
      return new Names(pattern, null, Pattern.compile(pattern.pattern(), ignoring), "");
    }

    String in(String text) {
      if (leading == null) { // nothing is known about these names but the pattern
        for (FinalAnswer.Place place : FinalAnswer.placesIn(text)) {
          Matcher m = anywhere.matcher(place.text());
          if (m.find()) {
            return name(m);
          }
        }
        Matcher m = anywhere.matcher(text);
        return m.find() ? name(m) : null;
      }
      for (FinalAnswer.Place place : FinalAnswer.placesIn(text)) {
        String said = led(place.text());
        List<String> named = said == null ? all(place.text()) : List.of(said);
        if (!named.isEmpty()) {
          return named.get(0);
        }
      }
      // "1. First, …" begins with no answer
      String said = !LISTED.matcher(text).find() || text.strip().length() < 4 ? led(text) : null;
      List<String> named = all(text);
      return said != null ? said : named.isEmpty() ? null : named.get(named.size() - 1);
    }

    /** The name that a text begins with, or null. */
    private String led(String text) {
      String opened = OPENING.matcher(text).replaceFirst("");
      Matcher m = leading.matcher(opened);
      if (!m.find() || ARTICLE.matcher(opened).find() || isDenied(opened, m.end())) {
        return null;
      }
      String name = name(m);
      return known.matcher(name).matches() ? name : null;
    }

    private static boolean isDenied(String text, int end) {
      return DENIED.matcher(text.substring(end)).find();
    }

    private List<String> all(String text) {
      List<String> names = new ArrayList<>();
      Matcher m = anywhere.matcher(text);
      while (m.find()) {
        String name = name(m);
        if (known.matcher(name).matches() && !isDenied(text, m.end())) {
          names.add(name);
        }
      }
      return names;
    }

    private String name(Matcher m) {
      String found = m.group();
      for (int g = 1; g <= m.groupCount(); g++) {
        if (m.group(g) != null) {
          found = m.group(g);
          break;
        }
      }
      return switch (found.toLowerCase(Locale.ROOT).replaceFirst("^not\\s+true$", "no")) {
        case "yes", "true" -> "true";
        case "no", "false" -> "false";
        default -> prefix.isEmpty() ? cased(found) : prefix + found;
      };
    }

    private static String cased(String name) {
      return name.length() == 1 ? name.toUpperCase(Locale.ROOT) : name;
    }
  }
}
