package org.tlora.text;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Rewrites what the template engine reads otherwise than Jinja does. */
final class TemplateDialect {
  private static final String NAMESPACE = "namespace(";

  private static final Pattern FILTERED_LOOP =
      Pattern.compile(
          "(\\{%-?\\s*for\\s(?:(?!%\\}).)*?\\sin\\s(?:(?!%\\}).)*?)\\sif\\s((?:(?!%\\}).)*?)(-?%\\})",
          Pattern.DOTALL);

  private TemplateDialect() {}

  /** A template that the engine reads as Jinja reads {@code source}. */
  static String adapted(String source) {
    String lines = source.replace("\r\n", "\n").replace('\r', '\n');
    String text =
        TemplateBlanks.taken(lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines);
    // marks of what the assistant says, which some templates carry, write nothing
    text = text.replaceAll("\\{%(-?)\\s*generation\\s*(-?)%\\}", "{%$1 if true $2%}");
    text = text.replaceAll("\\{%(-?)\\s*endgeneration\\s*(-?)%\\}", "{%$1 endif $2%}");
    // the engine has slices, but none with a step; templates use this one
    text = text.replaceAll("\\[\\s*::\\s*-1\\s*\\]", "|reverse");
    return namespaces(TemplateNegations.bracketed(filteredLoops(text)));
  }

  /** The engine passes over a loop's filter in silence: a loop that has one refuses to run. */
  private static String filteredLoops(String text) {
    return FILTERED_LOOP
        .matcher(text)
        .replaceAll(
            loop ->
                Matcher.quoteReplacement(
                    loop.group(2).contains(" else ")
                        ? loop.group() // which of two lists, not a filter
                        : loop.group(1)
                            + " "
                            + loop.group(3)
                            + "{{ raise_exception('it filters a loop, which is not supported') }}"));
  }

  /** {@code name=a + b} binds as {@code (name=a) + b} in the engine: values get parentheses. */
  private static String namespaces(String text) {
    StringBuilder out = new StringBuilder();
    int at = 0;
    for (int found = text.indexOf(NAMESPACE); found >= 0; found = text.indexOf(NAMESPACE, at)) {
      int open = found + NAMESPACE.length();
      int close = closing(text, open);
      out.append(text, at, open);
      int start = open;
      for (int i = open; i <= close; i++) {
        if (i == close || (text.charAt(i) == ',' && isTopLevel(text, open, i))) {
          out.append(argument(text.substring(start, i)));
          out.append(i == close ? "" : ",");
          start = i + 1;
        }
      }
      at = close;
    }
    return out.append(text, at, text.length()).toString();
  }

  private static String argument(String text) {
    int equals = text.indexOf('=');
    boolean named = equals > 0 && text.substring(0, equals).strip().matches("\\w+");
    return named
        ? text.substring(0, equals + 1) + "(" + text.substring(equals + 1).strip() + ")"
        : text;
  }

  private static boolean isTopLevel(String text, int from, int to) {
    return depth(text, from, to) == 0;
  }

  /** Brackets that are open, or −1 inside a text in quotes. */
  private static int depth(String text, int from, int to) {
    int depth = 0;
    char quote = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if ("([{".indexOf(c) >= 0) {
        depth++;
      } else if (")]}".indexOf(c) >= 0) {
        depth--;
      }
    }
    return quote == 0 ? depth : -1;
  }

  /** Where the parenthesis before {@code from} is closed. */
  private static int closing(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      if (text.charAt(i) == ')' && isTopLevel(text, from, i)) {
        return i;
      }
    }
    return text.length();
  }
}
