/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.fault;

import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How messages name what a user gave a value: by the property, in backquotes, such as {@code
 * `cutoffLength`}. Programs set properties of that name; the command line says {@code
 * --cutoff-length}, and writes messages so.
 */
public final class Property {
  private static final Pattern NAMED = Pattern.compile("`([a-z][A-Za-z0-9]*)`");
  private static final Pattern DASH = Pattern.compile("-([a-z0-9])");

  private Property() {}

  /**
   * A property in a message.
   *
   * @param option its words with dashes between them, such as {@code cutoff-length}
   */
  public static String named(String option) {
    return "`" + DASH.matcher(option).replaceAll(m -> upper(m.group(1))) + "`";
  }

  private static String upper(String letter) {
    return String.valueOf(Character.toUpperCase(letter.charAt(0)));
  }

  /**
   * A message with other names for properties.
   *
   * @param names gives for a property in words with dashes what it is called, or null: it stays
   */
  public static String renamed(String message, UnaryOperator<String> names) {
    return NAMED
        .matcher(message)
        .replaceAll(
            m -> {
              String name = names.apply(dashed(m.group(1)));
              return Matcher.quoteReplacement(name == null ? m.group() : name);
            });
  }

  private static String dashed(String property) {
    StringBuilder words = new StringBuilder();
    for (int i = 0; i < property.length(); i++) {
      char c = property.charAt(i);
      if (Character.isUpperCase(c)) {
        words.append('-').append(Character.toLowerCase(c));
      } else {
        words.append(c);
      }
    }
    return words.toString();
  }
}
