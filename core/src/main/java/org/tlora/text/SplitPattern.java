/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A pattern by which a pre-tokenizer isolates parts of a text, read as far as it is made of parts
 * that Java and the native library (Oniguruma) understand alike. It tells which characters no match
 * has side by side.
 */
final class SplitPattern {
  /** What byte-level BPE splits at, where a tokenizer says no more; GPT-2's. */
  static final String BYTE_LEVEL =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  private static final String CATEGORY = "\\\\[pP]\\{[A-Z][a-z]?\\}";
  private static final String ESCAPED = "\\\\[srntS]|\\\\[^A-Za-z0-9\\s]";
  private static final Pattern PART =
      Pattern.compile(
          "(?<one>"
              + CATEGORY
              + ("|\\[\\^?(?:" + CATEGORY + "|" + ESCAPED + "|[^\\\\\\[\\]&]|&(?!&))+\\]")
              + ("|" + ESCAPED + "|[^\\\\\\[\\](){}?*+.^$|&])")
              + "(?<many>[?*+]|\\{[0-9]+(?:,[0-9]*)?\\})?+(?![?+])"
              // contractions, without regard to case: letters that fold to single ones
              + "|(?<some>\\(\\?i:['\\[\\]sdmtrvelSDMTRVEL|]*\\))(?<maybe>\\?)?(?![?*+{])"
              + "|(?<end>\\(\\?!\\\\S\\))(?![?*+{])");

  /** One character, or more of a kind: part of an alternative. */
  private record Part(Pattern kind, boolean optional, boolean repeated) {
    boolean has(char c) {
      return kind.matcher(String.valueOf(c)).matches();
    }
  }

  private final Pattern whole;
  private final List<List<Part>> alternatives;
  private final List<Part> beforeBlanks; // those that must not stand before what is no blank

  private SplitPattern(Pattern whole, List<List<Part>> alternatives, List<Part> beforeBlanks) {
    this.whole = whole;
    this.alternatives = alternatives;
    this.beforeBlanks = beforeBlanks;
  }

  /** The pattern, or nothing where it has parts that are not known here. */
  static Optional<SplitPattern> of(String pattern) {
    List<List<Part>> alternatives = new ArrayList<>();
    List<Part> beforeBlanks = new ArrayList<>();
    List<Part> parts = new ArrayList<>();
    alternatives.add(parts);
    Matcher next = PART.matcher(pattern);
    int at = 0;
    try {
      while (at < pattern.length()) {
        if (pattern.charAt(at) == '|') {
          parts = new ArrayList<>();
          alternatives.add(parts);
          at++;
          continue;
        }
        if (!next.region(at, pattern.length()).lookingAt()) {
          return Optional.empty();
        }
        at = next.end();
        String many = next.group("many") == null ? "" : next.group("many");
        if (next.group("one") != null) {
          boolean optional = many.matches("[?*]|\\{0.*");
          boolean repeated = !many.isEmpty() && !many.equals("?");
          parts.add(new Part(compiled(next.group("one")), optional, repeated));
        } else if (next.group("some") != null) {
          // in any order as often as they like: fewer borders than there are
          parts.add(new Part(compiled("['a-zA-Z]"), next.group("maybe") != null, true));
        } else if (parts.size() == 1 && (at == pattern.length() || pattern.charAt(at) == '|')) {
          beforeBlanks.add(parts.get(0));
        } else {
          return Optional.empty();
        }
      }
      Pattern whole = compiled(pattern);
      return whole.matcher("").lookingAt() // what matches nothing, matches everywhere
          ? Optional.empty()
          : Optional.of(new SplitPattern(whole, alternatives, beforeBlanks));
    } catch (PatternSyntaxException e) {
      return Optional.empty();
    }
  }

  private static Pattern compiled(String pattern) {
    return Pattern.compile(pattern, Pattern.UNICODE_CHARACTER_CLASS | Pattern.UNICODE_CASE);
  }

  /** For each kind of character that the pattern tells apart, whether this is one. */
  List<Boolean> kindsOf(char c) {
    List<Boolean> kinds = new ArrayList<>();
    alternatives.forEach(parts -> parts.forEach(p -> kinds.add(p.has(c))));
    kinds.add(whole.matcher(String.valueOf(c)).lookingAt());
    return kinds;
  }

  /** Whether a match may have one character right before another, or depend on that. */
  boolean joins(char before, char behind) {
    for (List<Part> parts : alternatives) {
      for (int i = 0; i < parts.size(); i++) {
        if (!parts.get(i).has(before)) {
          continue;
        }
        if (parts.get(i).repeated() && parts.get(i).has(behind)) {
          return true;
        }
        for (int j = i + 1; j < parts.size(); j++) {
          if (parts.get(j).has(behind)) {
            return true;
          }
          if (!parts.get(j).optional()) {
            break;
          }
        }
      }
    }
    return !Character.isWhitespace(behind) && beforeBlanks.stream().anyMatch(p -> p.has(before));
  }

  /**
   * Whether a match begins with a character wherever it stands, if none has it with the one before.
   */
  boolean begins(char c, char behind) {
    return whole.matcher("" + c + behind).lookingAt() && whole.matcher("" + c).lookingAt();
  }

  /** The pattern, for texts of ASCII. */
  Pattern whole() {
    return whole;
  }
}
