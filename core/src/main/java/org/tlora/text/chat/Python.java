/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** What Python says of a value: its type, whether it is true, its length, its items. */
final class Python {
  /** The order of numbers of which one is none. */
  static final int UNORDERED = 2;

  private Python() {}

  static String typeName(Object value) {
    if (value == null) {
      return "NoneType";
    } else if (value instanceof Boolean) {
      return "bool";
    } else if (value instanceof BigInteger) {
      return "int";
    } else if (value instanceof Double) {
      return "float";
    } else if (value instanceof String) {
      return "str";
    } else if (value instanceof Markup) {
      return "Markup";
    } else if (value instanceof Tuple) {
      return "tuple";
    } else if (value instanceof Range) {
      return "range";
    } else if (value instanceof List<?>) {
      return "list";
    } else if (value instanceof Dict) {
      return "dict";
    } else if (value instanceof DictView v) {
      return "dict_" + v.method();
    } else if (value instanceof Lazy) {
      return "generator";
    } else if (value instanceof Undefined) {
      return "Undefined";
    } else if (value instanceof SliceKey) {
      return "slice";
    } else if (value instanceof Namespace) {
      return "Namespace";
    }
    return "function";
  }

  static boolean isText(Object value) {
    return value instanceof String || value instanceof Markup;
  }

  /** A number, of which true and false are two. */
  static boolean isNumber(Object value) {
    return value instanceof BigInteger || value instanceof Double || value instanceof Boolean;
  }

  static boolean isWhole(Object value) {
    return value instanceof BigInteger || value instanceof Boolean;
  }

  static BigInteger whole(Object value) {
    return value instanceof Boolean b ? (b ? BigInteger.ONE : BigInteger.ZERO) : (BigInteger) value;
  }

  /** A number as a double. */
  static double real(Object value) {
    if (value instanceof Double d) {
      return d;
    }
    double d = whole(value).doubleValue();
    if (Double.isInfinite(d)) {
      throw new TemplateError(TemplateError.Kind.OVERFLOW, "int too large to convert to float");
    }
    return d;
  }

  static BigInteger whole(long value) {
    return BigInteger.valueOf(value);
  }

  /** A whole number as an int, where it may be an index or a count. */
  static int index(Object value, String what) {
    if (!isWhole(value)) {
      if (value instanceof Undefined u) {
        throw u.error();
      }
      throw TemplateError.type(what + " must be a whole number, not " + typeName(value));
    }
    BigInteger n = whole(value);
    if (n.bitLength() > 31) {
      return n.signum() < 0 ? Integer.MIN_VALUE : Integer.MAX_VALUE;
    }
    return n.intValue();
  }

  static boolean truth(Object value) {
    if (value == null || value instanceof Undefined) {
      return false;
    } else if (value instanceof Boolean b) {
      return b;
    } else if (value instanceof BigInteger n) {
      return n.signum() != 0;
    } else if (value instanceof Double d) {
      return d != 0;
    } else if (value instanceof String s) {
      return !s.isEmpty();
    } else if (value instanceof Markup m) {
      return !m.text().isEmpty();
    } else if (value instanceof List<?> l) {
      return !l.isEmpty();
    } else if (value instanceof Dict d) {
      return d.size() > 0;
    } else if (value instanceof DictView v) {
      return v.of().size() > 0;
    }
    return true;
  }

  static int length(Object value) {
    if (isText(value)) {
      String s = value.toString();
      return s.codePointCount(0, s.length());
    } else if (value instanceof List<?> l) {
      return l.size();
    } else if (value instanceof Dict d) {
      return d.size();
    } else if (value instanceof DictView v) {
      return v.of().size();
    } else if (value instanceof Undefined) {
      return 0;
    } else if (value instanceof LoopState loop) {
      return loop.length();
    }
    throw TemplateError.type("object of type '" + typeName(value) + "' has no len()");
  }

  /** What a loop over a value goes through. */
  @SuppressWarnings("unchecked") // lists of templates hold whatever they hold
  static Iterator<Object> iterator(Object value) {
    if (isText(value)) {
      boolean marked = value instanceof Markup;
      return value
          .toString()
          .codePoints()
          .mapToObj(Character::toString)
          .map(s -> marked ? (Object) new Markup(s) : s)
          .iterator();
    } else if (value instanceof List<?> l) {
      return ((List<Object>) l).iterator();
    } else if (value instanceof Dict d) {
      return d.keys().iterator();
    } else if (value instanceof DictView v) {
      return v.list().iterator();
    } else if (value instanceof Lazy l) {
      return l.items();
    } else if (value instanceof Undefined) {
      return List.<Object>of().iterator();
    } else if (value instanceof LoopState loop) {
      return loop;
    }
    throw TemplateError.type("'" + typeName(value) + "' object is not iterable");
  }

  static boolean isIterable(Object value) {
    return isText(value)
        || value instanceof List<?>
        || value instanceof Dict
        || value instanceof DictView
        || value instanceof Lazy
        || value instanceof Undefined
        || value instanceof LoopState;
  }

  /** All items as a list. */
  static List<Object> list(Object value, Budget budget) {
    List<Object> items = new ArrayList<>();
    Iterator<Object> i = iterator(value);
    while (i.hasNext()) {
      budget.step();
      items.add(i.next());
    }
    return items;
  }

  /** About how many steps it takes to look through a value itself, not at what its items hold. */
  static long cost(Object value) {
    if (value instanceof String s) {
      return s.length() / 32;
    } else if (value instanceof Markup m) {
      return m.text().length() / 32;
    } else if (value instanceof List<?> l) {
      return l.size() / 4;
    } else if (value instanceof Dict d) {
      return d.size() / 4;
    } else if (value instanceof BigInteger n) {
      return n.bitLength() / 64;
    }
    return 0;
  }

  /** {@code a == b}. */
  static boolean equal(Object a, Object b, Budget budget) {
    budget.step();
    if (isNumber(a) && isNumber(b)) {
      return compareNumbers(a, b) == 0;
    } else if (isText(a) && isText(b)) {
      budget.steps(cost(a));
      return a.toString().equals(b.toString());
    } else if (a instanceof List<?> x && b instanceof List<?> y) {
      return a instanceof Tuple == b instanceof Tuple
          && a instanceof Range == b instanceof Range
          && equalItems(x, y, budget);
    } else if (a instanceof Dict x && b instanceof Dict y) {
      return equalDicts(x, y, budget);
    } else if (a instanceof DictView x && b instanceof DictView y) {
      return !x.method().equals("values")
          && x.of().size() == y.of().size()
          && x.list().stream().allMatch(i -> contains(y, i, budget));
    } else if (a instanceof Undefined || b instanceof Undefined) {
      return a instanceof Undefined && b instanceof Undefined;
    } else if (a instanceof Method x && b instanceof Method y) {
      return x.of() == y.of() && x.name().equals(y.name());
    }
    return a == b;
  }

  private static boolean equalItems(List<?> a, List<?> b, Budget budget) {
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      if (a.get(i) != b.get(i) && !equal(a.get(i), b.get(i), budget)) {
        return false;
      }
    }
    return true;
  }

  private static boolean equalDicts(Dict a, Dict b, Budget budget) {
    if (a.size() != b.size()) {
      return false;
    }
    for (Object key : a.keys()) {
      Object other = b.get(key, Builtin.ABSENT);
      if (other == Builtin.ABSENT || !equal(a.get(key, null), other, budget)) {
        return false;
      }
    }
    return true;
  }

  /** NaN is neither equal to anything nor less. */
  static int compareNumbers(Object a, Object b) {
    if (a instanceof Double || b instanceof Double) {
      if (isNotFinite(a) || isNotFinite(b)) {
        double x = a instanceof Double d ? d : 0;
        double y = b instanceof Double d ? d : 0;
        return x == y ? 0 : x < y ? -1 : x > y ? 1 : UNORDERED;
      }
      return decimal(a).compareTo(decimal(b));
    }
    return whole(a).compareTo(whole(b));
  }

  private static boolean isNotFinite(Object value) {
    return value instanceof Double d && (d.isNaN() || d.isInfinite());
  }

  private static BigDecimal decimal(Object value) {
    return value instanceof Double d ? new BigDecimal(d) : new BigDecimal(whole(value));
  }

  /**
   * The order of two values: −1, 0 or 1, or {@link #UNORDERED}.
   *
   * @param operator names the comparison in messages
   */
  static int compare(Object a, Object b, String operator, Budget budget) {
    budget.step();
    if (a instanceof Undefined u) {
      throw u.error();
    } else if (b instanceof Undefined u) {
      throw u.error();
    } else if (isNumber(a) && isNumber(b)) {
      return compareNumbers(a, b);
    } else if (isText(a) && isText(b)) {
      budget.steps(cost(a));
      return compareTexts(a.toString(), b.toString());
    } else if (a instanceof List<?> x
        && b instanceof List<?> y
        && a instanceof Tuple == b instanceof Tuple
        && !(a instanceof Range)
        && !(b instanceof Range)) {
      for (int i = 0; i < Math.min(x.size(), y.size()); i++) {
        if (!equal(x.get(i), y.get(i), budget)) {
          return compare(x.get(i), y.get(i), operator, budget);
        }
      }
      return Integer.compare(x.size(), y.size());
    }
    throw TemplateError.type(
        "'"
            + operator
            + "' not supported between instances of '"
            + typeName(a)
            + "' and '"
            + typeName(b)
            + "'");
  }

  /** By code points, which differs from Java's order beyond the first 65,536. */
  private static int compareTexts(String a, String b) {
    int i = 0;
    while (i < a.length() && i < b.length()) {
      int x = a.codePointAt(i);
      int y = b.codePointAt(i);
      if (x != y) {
        return Integer.compare(x, y);
      }
      i += Character.charCount(x);
    }
    return Integer.compare(a.length(), b.length());
  }

  /** {@code item in container}. */
  static boolean contains(Object container, Object item, Budget budget) {
    budget.steps(1 + cost(container));
    if (isText(container)) {
      if (!isText(item)) {
        throw TemplateError.type(
            "'in <string>' requires string as left operand, not " + typeName(item));
      }
      return container.toString().contains(item.toString());
    } else if (container instanceof Dict d) {
      return d.has(item);
    } else if (container instanceof DictView v && v.method().equals("keys")) {
      return v.of().has(item);
    } else if (!isIterable(container)) {
      throw TemplateError.type("argument of type '" + typeName(container) + "' is not iterable");
    }
    Iterator<Object> i = iterator(container);
    while (i.hasNext()) {
      Object other = i.next();
      if (other == item || equal(other, item, budget)) {
        return true;
      }
    }
    return false;
  }
}
