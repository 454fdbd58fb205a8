/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** What a value is as a key: equal for values that Python takes for equal. */
final class HashKey {
  private HashKey() {}

  private enum None {
    NONE
  }

  private record OfTuple(List<Object> items) {}

  /**
   * The key.
   *
   * @throws TemplateError if the value can change
   */
  static Object of(Object value) {
    if (value == null) {
      return None.NONE;
    }
    if (value instanceof Boolean b) {
      return b ? BigInteger.ONE : BigInteger.ZERO;
    }
    if (value instanceof Double d) {
      boolean whole = !d.isInfinite() && !d.isNaN() && d == Math.rint(d);
      return whole ? new BigDecimal(d).toBigInteger() : value;
    }
    if (value instanceof Markup m) {
      return m.text();
    }
    if (value instanceof Tuple t) {
      List<Object> items = new ArrayList<>();
      t.forEach(i -> items.add(of(i)));
      return new OfTuple(items);
    }
    if (value instanceof Range r) {
      return new OfTuple(new ArrayList<>(r));
    }
    boolean view = value instanceof DictView v && !v.method().equals("values");
    if (view || value instanceof List<?> || value instanceof Dict || value instanceof SliceKey) {
      throw TemplateError.type("unhashable type: '" + Python.typeName(value) + "'");
    }
    return value;
  }
}
