/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.guard;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Whether a pattern of the tokenizers library (Oniguruma, Ruby's syntax) can match without taking a
 * character. What looks around without taking anything is left out, and the rest tried on the empty
 * text: it matches there if it can match nothing anywhere.
 */
final class ZeroWidth {
  private static final String NOTHING = "(?:)";

  /** In Ruby's syntax the whole is optional then, elsewhere it is only less greedy. */
  private static final Pattern OPTIONAL_COUNT = Pattern.compile("\\{\\d+\\}\\?");

  private final String pattern;
  private int at;
  private boolean understood = true;

  private ZeroWidth(String pattern) {
    this.pattern = pattern;
  }

  /** Whether it can, or cannot be told. */
  static boolean isPossible(String pattern) {
    ZeroWidth reading = new ZeroWidth(pattern);
    String taking = reading.withoutAssertions();
    if (!reading.understood || OPTIONAL_COUNT.matcher(pattern).find()) {
      return true;
    }
    try {
      return Pattern.compile(taking).matcher("").find();
    } catch (PatternSyntaxException | StackOverflowError e) {
      return true;
    }
  }

  private String withoutAssertions() {
    StringBuilder out = new StringBuilder();
    while (at < pattern.length()) {
      char c = pattern.charAt(at);
      if (c == '\\') {
        out.append(escape());
      } else if (c == '[') {
        out.append(characterClass());
      } else if (c == '^' || c == '$') {
        out.append(NOTHING);
        at++;
      } else if (pattern.startsWith("(?", at) || pattern.startsWith("(*", at)) {
        out.append(group());
      } else {
        out.append(c);
        at++;
      }
    }
    return out.toString();
  }

  private String escape() {
    String escape = pattern.substring(at, Math.min(at + 2, pattern.length()));
    at += escape.length();
    return switch (escape) {
      case "\\b", "\\B", "\\A", "\\z", "\\Z" -> NOTHING;
      case "\\G", "\\K", "\\y", "\\Y", "\\Q", "\\E", "\\g", "\\k" -> {
        understood = false;
        yield "";
      }
      default -> escape;
    };
  }

  /** A class as it is: it takes one character. */
  private String characterClass() {
    int start = at;
    skip('[', ']');
    return pattern.substring(start, at);
  }

  /** Goes behind a class or a group, with what it has inside. */
  private void skip(char opening, char closing) {
    int depth = 0;
    do {
      char c = pattern.charAt(at);
      if (c == '[' && opening != '[') {
        skip('[', ']');
        continue;
      }
      if (c == '\\') {
        at++;
      } else if (c == opening) {
        depth++;
      } else if (c == closing) {
        depth--;
      }
      at++;
    } while (depth > 0 && at < pattern.length());
    at = Math.min(at, pattern.length());
  }

  /** The start of a group that takes characters, or nothing for a whole one that looks around. */
  private String group() {
    for (String around : new String[] {"(?=", "(?!", "(?<=", "(?<!"}) {
      if (pattern.startsWith(around, at)) {
        skip('(', ')');
        return NOTHING;
      }
    }
    for (String taking : new String[] {"(?:", "(?>", "(?i:", "(?i)", "(?m:"}) {
      if (pattern.startsWith(taking, at)) {
        at += taking.length();
        return taking;
      }
    }
    understood = false;
    at += 2;
    return "";
  }
}
