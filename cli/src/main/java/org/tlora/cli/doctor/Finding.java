/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.doctor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.tlora.format.Json;

/**
 * Something that was looked at.
 *
 * @param name what it is
 * @param level how it is
 * @param text what was found
 * @param advice what to do about it; empty where there is nothing to do
 * @param details the same for programs
 */
record Finding(String name, Level level, String text, String advice, ObjectNode details) {
  /** How something is. */
  enum Level {
    /** As it should be. */
    OK,
    /** It works, but slowly, or not for everything. */
    WARNING,
    /** Nothing can be trained with it. */
    FAULT
  }

  static Finding ok(String name, String text) {
    return new Finding(name, Level.OK, text, "", Json.object());
  }

  static Finding warning(String name, String text, String advice) {
    return new Finding(name, Level.WARNING, text, advice, Json.object());
  }

  static Finding fault(String name, String text, String advice) {
    return new Finding(name, Level.FAULT, text, advice, Json.object());
  }

  /** The same with a number for programs. */
  Finding with(String key, long value) {
    details.put(key, value);
    return this;
  }

  /** The same with a text for programs. */
  Finding with(String key, String value) {
    details.put(key, value);
    return this;
  }

  /** The same with yes or no for programs. */
  Finding with(String key, boolean value) {
    details.put(key, value);
    return this;
  }

  /** As in text and JSON. */
  String levelName() {
    return level.name().toLowerCase(Locale.ROOT);
  }
}
