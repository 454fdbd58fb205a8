/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The functions that every template may call. */
final class Functions {
  /** {@code dict.fromkeys}. */
  static final Function FROM_KEYS =
      Builtin.of(
          "fromkeys",
          "iterable value?",
          (machine, a) -> {
            Dict d = new Dict();
            for (Object key : Python.list(a[0], machine.budget())) {
              d.put(key, Builtin.or(a[1], null));
            }
            return d;
          });

  private Functions() {}

  /** The global {@code dict}, which has {@code fromkeys} too. */
  record DictType() implements Function {
    @Override
    public Object call(Machine machine, List<Object> positional, Map<String, Object> named) {
      return dictionary(machine, positional, named);
    }
  }

  /** All by name. */
  static Map<String, Object> all() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("range", (Function) Functions::range);
    all.put("dict", new DictType());
    all.put("namespace", (Function) Functions::namespace);
    all.put(
        "cycler",
        (Function)
            (machine, positional, named) -> {
              Builtin.bind("cycler", List.of(), List.of(), named);
              return CycleState.cycler(positional);
            });
    all.put(
        "joiner",
        Builtin.of("joiner", "sep?", (m, a) -> CycleState.joiner(Builtin.or(a[0], ", "))));
    all.put(
        "lipsum",
        Builtin.of(
            "lipsum",
            "n? html? min? max?",
            (m, a) -> {
              throw new TemplateError(
                  TemplateError.Kind.OTHER, "'lipsum' is random text, which nobody can learn");
            }));
    all.put(
        "raise_exception",
        Builtin.of(
            "raise_exception",
            "message",
            (m, a) -> {
              throw new TemplateError(TemplateError.Kind.RAISED, PythonText.str(a[0], m.budget()));
            }));
    all.put(
        "strftime_now",
        Builtin.of(
            "strftime_now",
            "format",
            (m, a) -> {
              if (!Python.isText(a[0])) {
                throw TemplateError.type("strftime_now needs a text");
              }
              return StrfTime.formatted(m.now(), a[0].toString());
            }));
    return all;
  }

  private static Object range(Machine machine, List<Object> positional, Map<String, Object> named) {
    if (!named.isEmpty()) {
      throw TemplateError.type("range() takes no keyword arguments");
    }
    Object[] a = Builtin.bind("range", Builtin.parameters("a b? step?"), positional, named);
    for (Object o : a) {
      if (o != Builtin.ABSENT) {
        if (!Python.isWhole(o)) {
          throw TemplateError.type(
              "'" + Python.typeName(o) + "' object cannot be interpreted as an integer");
        }
      }
    }
    BigInteger first = Python.whole(a[0]);
    if (a[1] == Builtin.ABSENT) {
      return new Range(BigInteger.ZERO, first, BigInteger.ONE);
    }
    BigInteger step = a[2] == Builtin.ABSENT ? BigInteger.ONE : Python.whole(a[2]);
    return new Range(first, Python.whole(a[1]), step);
  }

  private static Dict dictionary(
      Machine machine, List<Object> positional, Map<String, Object> named) {
    Dict d = new Dict();
    if (positional.size() > 1) {
      throw TemplateError.type("dict expected at most 1 argument, got " + positional.size());
    }
    if (!positional.isEmpty()) {
      Object first = positional.get(0);
      if (first instanceof Dict other) {
        machine.budget().steps(other.size());
        d.putAll(other);
      } else {
        for (Object pair : Python.list(first, machine.budget())) {
          List<Object> two = new ArrayList<>(Python.list(pair, machine.budget()));
          if (two.size() != 2) {
            throw TemplateError.value("a dictionary's element has not length 2");
          }
          d.put(two.get(0), two.get(1));
        }
      }
    }
    named.forEach(d::put);
    return d;
  }

  private static Object namespace(
      Machine machine, List<Object> positional, Map<String, Object> named) {
    Namespace n = new Namespace();
    Dict values = dictionary(machine, positional, named);
    for (Object key : values.keys()) {
      n.set(key, values.get(key, null));
    }
    return n;
  }
}
