/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** The {@code attribute} of filters: names and numbers between dots, which lead into an item. */
final class AttributePath {
  private final List<Object> parts = new ArrayList<>();
  private final Object otherwise;

  /**
   * A path.
   *
   * @param attribute null for the item itself
   * @param otherwise stands for what is undefined on the way, or null
   */
  AttributePath(Object attribute, Object otherwise) {
    this.otherwise = otherwise;
    if (Python.isText(attribute)) {
      for (String part : attribute.toString().split("\\.", -1)) {
        boolean digits = !part.isEmpty() && part.chars().allMatch(c -> c >= '0' && c <= '9');
        parts.add(digits ? (Object) new BigInteger(part) : part);
      }
    } else if (attribute != null) {
      parts.add(attribute);
    }
  }

  Object of(Object item) {
    Object value = item;
    for (Object part : parts) {
      value = Subscripts.item(value, part);
      if (otherwise != null && value instanceof Undefined) {
        value = otherwise;
      }
    }
    return value;
  }

  /** The value as it is compared: texts in lower case, unless that matters. */
  Object key(Object item, boolean caseSensitive) {
    return folded(of(item), caseSensitive);
  }

  static Object folded(Object value, boolean caseSensitive) {
    return Python.isText(value) && !caseSensitive ? Letters.lower(value.toString()) : value;
  }
}
