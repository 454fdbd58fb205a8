package org.tlora.text;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes away the blanks that Jinja takes away with {@code trim_blocks} and {@code lstrip_blocks},
 * which is how transformers reads templates: the line end after a block or a comment, and the
 * blanks before one that has nothing else before it on its line. The template engine's own option
 * for that takes the blanks before every block, also behind a text.
 */
final class TemplateBlanks {
  private static final Pattern TAG = Pattern.compile("\\{[{%#]");
  private static final Pattern RAW = Pattern.compile("\\{%[-+]?\\s*raw\\s*[-+]?%\\}");
  private static final Pattern END_OF_RAW = Pattern.compile("\\{%[-+]?\\s*endraw\\s*[-+]?%\\}");

  private final String source;
  private final StringBuilder out = new StringBuilder();
  private int at;
  private boolean atLineStart = true;

  private TemplateBlanks(String source) {
    this.source = source;
  }

  /** A template that needs neither option. */
  static String taken(String source) {
    TemplateBlanks reading = new TemplateBlanks(source);
    reading.read();
    return reading.out.toString();
  }

  private void read() {
    Matcher tag = TAG.matcher(source);
    while (tag.find(at)) {
      char kind = source.charAt(tag.start() + 1);
      text(tag.start(), kind);
      int end = kind == '#' ? endOfComment() : endOf(kind);
      String whole = source.substring(at, end);
      tag(whole, kind);
      at = end;
      afterTag(whole, kind);
      if (RAW.matcher(whole).matches()) {
        raw();
      }
    }
    out.append(source, at, source.length());
  }

  /** Text up to a tag: blanks alone on the tag's line go. */
  private void text(int tagAt, char kind) {
    String text = source.substring(at, tagAt);
    char sign = tagAt + 2 < source.length() ? source.charAt(tagAt + 2) : ' ';
    int line = text.lastIndexOf('\n') + 1;
    boolean strips = kind != '{' && sign != '-' && sign != '+' && (line > 0 || atLineStart);
    out.append(strips && text.substring(line).isBlank() ? text.substring(0, line) : text);
    at = tagAt;
  }

  /** The tag without a plus, which asks for what is done anyway from here on. */
  private void tag(String whole, char kind) {
    if (kind == '{' || whole.length() < 6) {
      out.append(whole);
      return;
    }
    int last = whole.length() - 3;
    String opening = whole.charAt(2) == '+' ? whole.substring(0, 2) + " " : whole.substring(0, 3);
    String ending =
        whole.charAt(last) == '+' ? " " + whole.substring(last + 1) : whole.substring(last);
    out.append(opening).append(whole, 3, Math.max(3, last)).append(ending);
  }

  private void afterTag(String whole, char kind) {
    atLineStart = false;
    boolean keeps = whole.length() > 4 && whole.charAt(whole.length() - 3) == '+';
    if (kind != '{' && !keeps && at < source.length() && source.charAt(at) == '\n') {
      at++;
      atLineStart = true;
    }
  }

  private void raw() {
    Matcher end = END_OF_RAW.matcher(source);
    if (end.find(at)) {
      text(end.start(), '%');
      tag(end.group(), '%');
      at = end.end();
      afterTag(end.group(), '%');
    }
  }

  private int endOfComment() {
    int end = source.indexOf("#}", at + 2);
    return end < 0 ? source.length() : end + 2;
  }

  /** Behind the end of an expression or a block; not one within a text in it, or its brackets. */
  private int endOf(char kind) {
    char closing = kind == '{' ? '}' : '%';
    int depth = 0;
    for (int i = at + 2; i < source.length(); i++) {
      char c = source.charAt(i);
      if (c == '\'' || c == '"') {
        i = endOfText(i, c);
      } else if (c == closing && depth == 0 && source.startsWith("}", i + 1)) {
        return i + 2;
      } else if (c == '{') {
        depth++;
      } else if (c == '}') {
        depth--;
      }
    }
    return source.length();
  }

  private int endOfText(int from, char quote) {
    int i = from + 1;
    while (i < source.length() && source.charAt(i) != quote) {
      i += source.charAt(i) == '\\' ? 2 : 1;
    }
    return i;
  }
}
