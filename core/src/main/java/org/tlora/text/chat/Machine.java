/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.List;
import java.util.Map;

/** What functions, filters and tests see of the interpreter that calls them. */
interface Machine {
  Budget budget();

  /** The time, for {@code strftime_now}. */
  java.time.LocalDateTime now();

  Object call(Object function, List<Object> positional, Map<String, Object> named);

  /** Applies the filter of that name; the value is the first of {@code positional}. */
  Object filter(String name, List<Object> positional, Map<String, Object> named);

  /** Applies the test of that name; the value is the first of {@code positional}. */
  boolean test(String name, List<Object> positional, Map<String, Object> named);

  boolean hasFilter(String name);

  boolean hasTest(String name);
}
