/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.share;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds in texts what is nobody else's business: places of this machine, and keys. What is found is
 * told without being repeated where it is a key.
 */
final class PrivateText {
  private static final Pattern TOKEN = Pattern.compile("\\bhf_[A-Za-z0-9]{20,}\\b");
  private static final Pattern HOME =
      Pattern.compile("(?:/home|/Users|[A-Z]:\\\\+Users)[/\\\\]+[\\w.-]+");
  private static final Pattern ADDRESS = Pattern.compile("://[^/@\\s:]+:[^/@\\s]+@");

  /** Absolute on any system, also where it is not this one. */
  private static final Pattern ABSOLUTE =
      Pattern.compile("(?s)(?:file:)?(?:~?/|[A-Za-z]:[/\\\\]|\\\\\\\\).+");

  private final Map<String, String> known = new LinkedHashMap<>();

  /**
   * What is private here.
   *
   * @param token that the hub is asked with, or null
   * @param places directories of this machine
   */
  PrivateText(String token, String... places) {
    if (token != null && !token.isBlank()) {
      known.put(token, "the token of the hub");
    }
    for (String place : places) {
      if (place != null && place.length() > 3) { // "/" and "C:\" are everywhere
        known.put(place, place);
      }
    }
  }

  /** What of it is private, in words; nothing where nothing is. */
  Optional<String> in(String text) {
    for (Map.Entry<String, String> e : known.entrySet()) {
      int at = text.indexOf(e.getKey());
      if (at >= 0 && endsThere(text, at + e.getKey().length())) {
        return Optional.of(e.getValue());
      }
    }
    if (TOKEN.matcher(text).find()) {
      return Optional.of("a token of the hub");
    }
    if (ADDRESS.matcher(text).find()) {
      return Optional.of("an address with a password");
    }
    Matcher home = HOME.matcher(text);
    return home.find() ? Optional.of(home.group()) : Optional.empty();
  }

  /** So that {@code /root} is not found in {@code /rooted}. */
  private static boolean endsThere(String text, int end) {
    return end == text.length() || !Character.isLetterOrDigit(text.charAt(end));
  }

  /** Whether a value is a path that is absolute, or in somebody's home. */
  static boolean isPlace(String value) {
    return ABSOLUTE.matcher(value).matches();
  }

  /** The last name of a path. */
  static String lastName(String path) {
    return path.replaceFirst("[/\\\\]+$", "").replaceFirst("(?s)^.*[/\\\\]", "");
  }

  /** An address without the name and the password in it. */
  static String withoutPassword(String value) {
    return ADDRESS.matcher(value).replaceAll("://");
  }
}
