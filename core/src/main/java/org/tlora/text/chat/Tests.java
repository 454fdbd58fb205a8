/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** What stands behind {@code is}: all tests of Jinja2 by name. */
final class Tests {
  private static final BigInteger TWO = BigInteger.TWO;

  private Tests() {}

  static Map<String, Function> all() {
    Map<String, Function> all = new LinkedHashMap<>();
    kind(all, "defined", v -> !(v instanceof Undefined));
    kind(all, "undefined", v -> v instanceof Undefined);
    kind(all, "none", v -> v == null);
    kind(all, "boolean", v -> v instanceof Boolean);
    kind(all, "true", v -> v instanceof Boolean b && b);
    kind(all, "false", v -> v instanceof Boolean b && !b);
    kind(all, "integer", v -> v instanceof BigInteger);
    kind(all, "float", v -> v instanceof Double);
    kind(all, "number", Python::isNumber);
    kind(all, "string", Python::isText);
    kind(all, "mapping", v -> v instanceof Dict);
    kind(all, "iterable", Python::isIterable);
    kind(
        all,
        "sequence",
        v ->
            Python.isText(v)
                || v instanceof List<?>
                || v instanceof Dict
                || v instanceof Undefined);
    kind(
        all,
        "callable",
        v ->
            (v instanceof Function && !(v instanceof CycleState c && !c.isCallable()))
                || v instanceof Undefined);
    kind(all, "escaped", v -> v instanceof Markup);
    Builtin.add(all, "lower", "value", (m, a) -> cased(m, a[0], "islower"));
    Builtin.add(all, "upper", "value", (m, a) -> cased(m, a[0], "isupper"));
    Builtin.add(all, "odd", "value", (m, a) -> remains(m, a[0], TWO, BigInteger.ONE));
    Builtin.add(all, "even", "value", (m, a) -> remains(m, a[0], TWO, BigInteger.ZERO));
    Builtin.add(all, "divisibleby", "value num", (m, a) -> remains(m, a[0], a[1], BigInteger.ZERO));
    Builtin.add(all, "filter", "value", (m, a) -> isName(a[0]) && m.hasFilter(a[0].toString()));
    Builtin.add(all, "test", "value", (m, a) -> isName(a[0]) && m.hasTest(a[0].toString()));
    Builtin.add(all, "in", "value seq", (m, a) -> Python.contains(a[1], a[0], m.budget()));
    Builtin.add(all, "sameas", "value other", (m, a) -> same(m, a[0], a[1]));
    for (String name : List.of("==", "eq", "equalto")) {
      Builtin.add(all, name, "a b", (m, a) -> Python.equal(a[0], a[1], m.budget()));
    }
    for (String name : List.of("!=", "ne")) {
      Builtin.add(all, name, "a b", (m, a) -> !Python.equal(a[0], a[1], m.budget()));
    }
    order(all, "<", "lt", "lessthan");
    order(all, "<=", "le");
    order(all, ">", "gt", "greaterthan");
    order(all, ">=", "ge");
    return Map.copyOf(all);
  }

  /** {@code a operator b}, for the four that need an order. */
  static boolean ordered(String operator, Object a, Object b, Budget budget) {
    int c = Python.compare(a, b, operator, budget);
    return c != Python.UNORDERED
        && switch (operator) {
          case "<" -> c < 0;
          case "<=" -> c <= 0;
          case ">" -> c > 0;
          default -> c >= 0;
        };
  }

  private static void kind(Map<String, Function> all, String name, Predicate<Object> is) {
    Builtin.add(all, name, "value", (m, a) -> is.test(a[0]));
  }

  private static void order(Map<String, Function> all, String operator, String... names) {
    Builtin.Body body = (m, a) -> ordered(operator, a[0], a[1], m.budget());
    Builtin.add(all, operator, "a b", body);
    for (String name : names) {
      Builtin.add(all, name, "a b", body);
    }
  }

  private static boolean isName(Object value) {
    HashKey.of(value); // names are looked up as keys
    return Python.isText(value);
  }

  private static boolean cased(Machine m, Object value, String method) {
    String text = PythonText.str(value, m.budget());
    return (Boolean) TextMethods.call(m, text, method, List.of(), Map.of());
  }

  private static boolean remains(Machine m, Object value, Object by, BigInteger rest) {
    Object remainder = Arithmetic.binary("%", value, by, m.budget());
    return Python.equal(remainder, rest, m.budget());
  }

  /** Whether Python would have one object for both. */
  private static boolean same(Machine m, Object a, Object b) {
    if (a == b) {
      return true;
    }
    boolean shared =
        (a instanceof Boolean && b instanceof Boolean)
            || (a instanceof String && b instanceof String)
            || (a instanceof BigInteger x
                && b instanceof BigInteger
                && x.bitLength() <= 8
                && x.intValue() >= -5);
    return shared && Python.equal(a, b, m.budget());
  }
}
