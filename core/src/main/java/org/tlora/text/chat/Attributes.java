/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.math.BigInteger;
import java.util.List;
import java.util.Set;

/** Attributes of values: methods, and the few others that Python's values have. */
final class Attributes {
  private static final Set<String> CHANGING_LIST =
      Set.of("append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove");
  private static final Set<String> CHANGING_DICT =
      Set.of("clear", "pop", "popitem", "setdefault", "update");
  private static final Set<String> NUMBER =
      Set.of("conjugate", "as_integer_ratio", "is_integer", "hex", "fromhex");
  private static final Set<String> WHOLE =
      Set.of("conjugate", "bit_length", "bit_count", "to_bytes", "from_bytes", "as_integer_ratio");

  /** What even an undefined value has in Python. */
  private static final Set<String> OF_UNDEFINED =
      Set.of(
          "__class__",
          "__doc__",
          "__init__",
          "__new__",
          "__eq__",
          "__hash__",
          "__str__",
          "__repr__",
          "__len__",
          "__iter__",
          "__bool__",
          "__getitem__",
          "__call__",
          "__module__");

  private Attributes() {}

  /** An attribute, or {@link Builtin#ABSENT}. */
  static Object of(Object value, String name) {
    if (name.startsWith("_")) {
      return hidden(value, name);
    }
    if (value instanceof Dict) {
      return method(value, name, Methods.DICT, CHANGING_DICT);
    } else if (Python.isText(value)) {
      return method(value, name, Methods.TEXT, Set.of());
    } else if (value instanceof Tuple t && t.names().contains(name)) {
      return t.get(t.names().indexOf(name));
    } else if (value instanceof Range r) {
      return rangeAttribute(r, name);
    } else if (value instanceof Tuple) {
      return method(value, name, Methods.TUPLE, Set.of());
    } else if (value instanceof List<?>) {
      return method(value, name, Methods.LIST, CHANGING_LIST);
    } else if (value instanceof Namespace n) {
      return n.attributes().get(name, Builtin.ABSENT);
    } else if (value instanceof LoopState loop) {
      return loop.attribute(name);
    } else if (value instanceof CycleState cycle) {
      return cycle.attribute(name);
    } else if (value instanceof MacroValue macro) {
      return macro.attribute(name);
    } else if (value instanceof Double || Python.isWhole(value)) {
      return numberAttribute(value, name);
    } else if (value instanceof Functions.DictType && name.equals("fromkeys")) {
      return Functions.FROM_KEYS;
    }
    return Builtin.ABSENT;
  }

  /** Jinja2's sandbox takes such attributes for unsafe, where there are such. */
  private static Object hidden(Object value, String name) {
    if (value instanceof Undefined && !OF_UNDEFINED.contains(name)) {
      return Builtin.ABSENT;
    }
    if (value instanceof Namespace || !name.startsWith("__") || !name.endsWith("__")) {
      return Builtin.ABSENT;
    }
    return unsafe(value, name);
  }

  private static Undefined unsafe(Object value, String name) {
    return new Undefined(
        "access to attribute '" + name + "' of '" + Python.typeName(value) + "' object is unsafe",
        TemplateError.Kind.SECURITY);
  }

  private static Object method(Object of, String name, Set<String> known, Set<String> changing) {
    if (changing.contains(name)) {
      return unsafe(of, name);
    }
    return known.contains(name) ? new Method(of, name) : Builtin.ABSENT;
  }

  private static Object rangeAttribute(Range r, String name) {
    return switch (name) {
      case "start" -> r.start();
      case "stop" -> r.stop();
      case "step" -> r.step();
      case "count", "index" -> new Method(r, name);
      default -> Builtin.ABSENT;
    };
  }

  private static Object numberAttribute(Object n, String name) {
    boolean whole = !(n instanceof Double);
    switch (name) {
      case "real":
        return whole ? Python.whole(n) : n;
      case "imag":
        return whole ? BigInteger.ZERO : (Object) 0.0;
      case "numerator":
        return whole ? Python.whole(n) : Builtin.ABSENT;
      case "denominator":
        return whole ? BigInteger.ONE : Builtin.ABSENT;
      default:
        return (whole ? WHOLE : NUMBER).contains(name) ? new Method(n, name) : Builtin.ABSENT;
    }
  }
}
