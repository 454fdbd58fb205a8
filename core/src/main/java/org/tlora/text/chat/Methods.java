/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Python's methods of texts, lists and dictionaries, by name. */
final class Methods {
  static final Set<String> TEXT =
      Set.of(
          "capitalize",
          "casefold",
          "center",
          "count",
          "encode",
          "endswith",
          "expandtabs",
          "find",
          "format",
          "format_map",
          "index",
          "isalnum",
          "isalpha",
          "isascii",
          "isdecimal",
          "isdigit",
          "isidentifier",
          "islower",
          "isnumeric",
          "isprintable",
          "isspace",
          "istitle",
          "isupper",
          "join",
          "ljust",
          "lower",
          "lstrip",
          "maketrans",
          "partition",
          "removeprefix",
          "removesuffix",
          "replace",
          "rfind",
          "rindex",
          "rjust",
          "rpartition",
          "rsplit",
          "rstrip",
          "split",
          "splitlines",
          "startswith",
          "strip",
          "swapcase",
          "title",
          "translate",
          "upper",
          "zfill");
  static final Set<String> TUPLE = Set.of("count", "index");
  static final Set<String> LIST = Set.of("count", "index", "copy");
  static final Set<String> DICT = Set.of("get", "keys", "values", "items", "copy", "fromkeys");

  private Methods() {}

  static Object call(
      Machine machine, Object of, String name, List<Object> positional, Map<String, Object> named) {
    if (Python.isText(of)) {
      return TextMethods.call(machine, of, name, positional, named);
    } else if (of instanceof Dict d) {
      return dictionary(machine, d, name, positional, named);
    } else if (of instanceof List<?> l) {
      return list(machine, l, name, positional, named);
    } else if (of instanceof LoopState loop) {
      return loop.call(name, positional, named, machine);
    } else if (of instanceof CycleState cycle) {
      return cycle.call(name, positional, named);
    }
    bound(name, "", positional, named);
    if (of instanceof Double d && name.equals("is_integer")) {
      return !d.isInfinite() && d == Math.rint(d);
    } else if (name.equals("bit_length")) {
      return Python.whole(Python.whole(of).abs().bitLength());
    } else if (name.equals("conjugate")) {
      return of instanceof Boolean ? Python.whole(of) : of;
    }
    throw new TemplateError(
        TemplateError.Kind.OTHER,
        "the method '" + name + "' of '" + Python.typeName(of) + "' is not supported");
  }

  private static Object dictionary(
      Machine machine, Dict d, String name, List<Object> positional, Map<String, Object> named) {
    return switch (name) {
      case "get" -> {
        Object[] a = bound("get", "key default?", positional, named);
        yield d.get(a[0], Builtin.or(a[1], null));
      }
      case "copy" -> {
        bound(name, "", positional, named);
        machine.budget().steps(d.size());
        Dict copy = new Dict();
        copy.putAll(d);
        yield copy;
      }
      case "fromkeys" -> Functions.FROM_KEYS.call(machine, positional, named);
      default -> {
        bound(name, "", positional, named);
        yield new DictView(name, d);
      }
    };
  }

  private static Object list(
      Machine machine, List<?> l, String name, List<Object> positional, Map<String, Object> named) {
    return switch (name) {
      case "count" -> {
        Object wanted = bound(name, "value", positional, named)[0];
        yield Python.whole(
            l.stream().filter(i -> Python.equal(i, wanted, machine.budget())).count());
      }
      case "index" -> {
        Object[] a = bound(name, "value start? stop?", positional, named);
        int from = bound(Builtin.or(a[1], null), 0, l.size());
        int to = bound(Builtin.or(a[2], null), l.size(), l.size());
        for (int i = from; i < to; i++) {
          if (Python.equal(l.get(i), a[0], machine.budget())) {
            yield Python.whole(i);
          }
        }
        throw TemplateError.value("the value is not in the list");
      }
      default -> {
        bound(name, "", positional, named);
        machine.budget().steps(l.size());
        yield new java.util.ArrayList<Object>(l);
      }
    };
  }

  private static int bound(Object value, int otherwise, int size) {
    if (value == null) {
      return otherwise;
    }
    int i = Python.index(value, "an index");
    return Math.max(0, Math.min(size, i < 0 ? i + size : i));
  }

  /**
   * Arguments in the order of {@code parameters}, which cannot be named.
   *
   * @param named must be empty
   */
  static Object[] bound(
      String name, String parameters, List<Object> positional, Map<String, Object> named) {
    if (!named.isEmpty()) {
      throw TemplateError.type(name + "() takes no keyword arguments");
    }
    return Builtin.bind(name, Builtin.parameters(parameters), positional, named);
  }
}
