package org.tlora.text;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Gives brackets to what a {@code not} of Jinja denies: everything up to the next {@code and}, as
 * in Python. In the template engine it denies one operand only: {@code not x is defined} would be
 * {@code (not x) is defined}.
 */
final class TemplateNegations {
  private static final Pattern TAG = Pattern.compile("\\{[{%].*?[%}]\\}", Pattern.DOTALL);
  private static final Set<String> ENDS = Set.of("and", "or", "if", "else");

  private final String text;

  private TemplateNegations(String text) {
    this.text = text;
  }

  /** A template with those brackets in its tags. */
  static String bracketed(String template) {
    return TAG.matcher(template)
        .replaceAll(
            tag -> {
              int inside = tag.group().length() - 2;
              String expression = tag.group().substring(0, inside);
              return Matcher.quoteReplacement(
                  new TemplateNegations(expression).read(0, inside)
                      + tag.group().substring(inside));
            });
  }

  private String read(int from, int to) {
    StringBuilder out = new StringBuilder();
    String before = "";
    int i = from;
    while (i < to) {
      int next = next(i, to);
      String piece = text.substring(i, next);
      out.append(piece);
      boolean denies =
          piece.equals("not") && !before.equals("is") && !wordAt(next, to).equals("in");
      if (denies) {
        int end = operandEnd(next, to);
        out.append(" (").append(read(next, end).strip()).append(") ");
        next = end;
      }
      before = piece.isBlank() ? before : piece;
      i = next;
    }
    return out.toString();
  }

  /** Behind a text in quotes, a word, or one other character. */
  private int next(int from, int to) {
    char c = text.charAt(from);
    int i = from + 1;
    if (c == '\'' || c == '"') {
      while (i < to && text.charAt(i) != c) {
        i += text.charAt(i) == '\\' ? 2 : 1;
      }
      return Math.min(to, i + 1);
    }
    while (isPartOfWord(c) && i < to && isPartOfWord(text.charAt(i))) {
      i++;
    }
    return i;
  }

  private static boolean isPartOfWord(char c) {
    return Character.isLetterOrDigit(c) || c == '_';
  }

  /** The next thing that is not blank. */
  private String wordAt(int from, int to) {
    int i = from;
    while (i < to && Character.isWhitespace(text.charAt(i))) {
      i++;
    }
    return i == to ? "" : text.substring(i, next(i, to));
  }

  private int operandEnd(int from, int to) {
    int depth = 0;
    int i = from;
    while (i < to) {
      int next = next(i, to);
      String piece = text.substring(i, next);
      char c = piece.charAt(0);
      depth += "([{".indexOf(c) >= 0 ? 1 : ")]}".indexOf(c) >= 0 ? -1 : 0;
      boolean endsTag = (c == '-' || c == '+') && wordAt(next, to).isEmpty();
      if (depth < 0 || (depth == 0 && (ENDS.contains(piece) || c == ',' || endsTag))) {
        return i;
      }
      i = next;
    }
    return to;
  }
}
