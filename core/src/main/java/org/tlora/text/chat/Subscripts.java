/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** {@code a[b]} and {@code a.b}, as Jinja2's sandbox looks them up. */
final class Subscripts {
  private Subscripts() {}

  /** {@code of[key]}: an item, else an attribute of that name, else undefined. */
  static Object item(Object of, Object key) {
    if (key instanceof SliceKey slice) {
      return slice(of, slice);
    }
    Object found = ownItem(of, key);
    if (found != Builtin.ABSENT) {
      return found;
    }
    if (Python.isText(key)) {
      Object attribute = Attributes.of(of, key.toString());
      if (attribute != Builtin.ABSENT) {
        return attribute;
      }
    }
    return undefined(of, key);
  }

  /** {@code of.name}: an attribute, else an item of that name, else undefined. */
  static Object attribute(Object of, String name) {
    Object attribute = Attributes.of(of, name);
    if (of instanceof Undefined u && attribute == Builtin.ABSENT) {
      throw u.error();
    }
    if (attribute != Builtin.ABSENT) {
      return attribute;
    }
    Object found = ownItem(of, name);
    return found != Builtin.ABSENT ? found : undefined(of, name);
  }

  private static Undefined undefined(Object of, Object key) {
    String type = of == null ? "None" : Python.typeName(of) + " object";
    if (Python.isText(key)) {
      return Undefined.of("'" + type + "' has no attribute '" + key + "'");
    }
    return Undefined.of(type + " has no element " + key);
  }

  /** What {@code of[key]} is in Python, or absent where that is an error. */
  private static Object ownItem(Object of, Object key) {
    if (of instanceof Undefined u) {
      throw u.error();
    }
    if (of instanceof Dict d) {
      try {
        return d.get(key, Builtin.ABSENT);
      } catch (TemplateError e) {
        return Builtin.ABSENT; // a key that no dictionary can have
      }
    }
    if (!Python.isWhole(key)) {
      return Builtin.ABSENT;
    }
    int index = Python.index(key, "an index");
    if (of instanceof List<?> l) {
      int i = index < 0 ? index + l.size() : index;
      return i >= 0 && i < l.size() ? l.get(i) : Builtin.ABSENT;
    }
    if (Python.isText(of)) {
      String s = of.toString();
      int length = Python.length(of);
      int i = index < 0 ? index + length : index;
      if (i < 0 || i >= length) {
        return Builtin.ABSENT;
      }
      String letter = Character.toString(s.codePointAt(s.offsetByCodePoints(0, i)));
      return of instanceof Markup ? new Markup(letter) : letter;
    }
    return Builtin.ABSENT;
  }

  private static Object slice(Object of, SliceKey key) {
    if (of instanceof Undefined u) {
      throw u.error();
    }
    if (Python.isText(of)) {
      int[] letters = of.toString().codePoints().toArray();
      StringBuilder out = new StringBuilder();
      for (int i : indices(key, letters.length)) {
        out.appendCodePoint(letters[i]);
      }
      return of instanceof Markup ? new Markup(out.toString()) : out.toString();
    }
    if (of instanceof Range r) {
      return range(r, key);
    }
    if (of instanceof List<?> l) {
      List<Object> out = new ArrayList<>();
      for (int i : indices(key, l.size())) {
        out.add(l.get(i));
      }
      return of instanceof Tuple ? new Tuple(out) : out;
    }
    if (of instanceof Dict) {
      throw TemplateError.type("unhashable type: 'slice'");
    }
    throw TemplateError.type("'" + Python.typeName(of) + "' object is not subscriptable");
  }

  private static Range range(Range r, SliceKey key) {
    int[] bounds = bounds(key, r.size());
    BigInteger step = r.step();
    return new Range(
        r.start().add(step.multiply(BigInteger.valueOf(bounds[0]))),
        r.start().add(step.multiply(BigInteger.valueOf(bounds[1]))),
        step.multiply(BigInteger.valueOf(bounds[2])));
  }

  private static int[] indices(SliceKey key, int size) {
    int[] b = bounds(key, size);
    int step = b[2];
    long span = step > 0 ? (long) b[1] - b[0] : (long) b[0] - b[1];
    long width = Math.abs((long) step);
    int count = span <= 0 ? 0 : (int) ((span + width - 1) / width);
    int[] indices = new int[count];
    for (int i = 0; i < count; i++) {
      indices[i] = (int) (b[0] + (long) i * step);
    }
    return indices;
  }

  /** Start, stop and step of a slice of something of that size, as Python bounds them. */
  private static int[] bounds(SliceKey key, int size) {
    int step = key.step() == null ? 1 : Python.index(key.step(), "a slice's step");
    if (step == 0) {
      throw TemplateError.value("slice step cannot be zero");
    }
    step = Math.max(step, -Integer.MAX_VALUE);
    boolean up = step > 0;
    int start = key.start() == null ? (up ? 0 : size - 1) : bound(key.start(), size, up);
    int stop = key.stop() == null ? (up ? size : -1) : bound(key.stop(), size, up);
    return new int[] {start, stop, step};
  }

  private static int bound(Object value, int size, boolean up) {
    long i = Python.index(value, "a slice's bound");
    if (i < 0) {
      return (int) Math.max(i + size, up ? 0 : -1);
    }
    return (int) Math.min(i, up ? size : size - 1);
  }
}
