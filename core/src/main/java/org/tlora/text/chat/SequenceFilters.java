/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Filters of sequences and dictionaries. */
final class SequenceFilters {
  private SequenceFilters() {}

  static void addTo(Map<String, Function> all) {
    Builtin.add(all, "list", "value", (m, a) -> Python.list(a[0], m.budget()));
    Builtin.add(all, "first", "seq", (m, a) -> first(Python.iterator(a[0]), "No first item"));
    Builtin.add(all, "last", "seq", (m, a) -> first(reversed(a[0], m).iterator(), "No last item"));
    Builtin.add(all, "reverse", "value", SequenceFilters::reverse);
    Builtin.add(all, "join", "value d? attribute?", SequenceFilters::join);
    Builtin.add(all, "items", "value", (m, a) -> new Lazy(() -> items(a[0])));
    Builtin.add(all, "dictsort", "value case_sensitive? by? reverse?", SequenceFilters::dictsort);
    Builtin.add(all, "sort", "value reverse? case_sensitive? attribute?", SequenceFilters::sort);
    Builtin.add(all, "unique", "value case_sensitive? attribute?", SequenceFilters::unique);
    Builtin.add(all, "min", "value case_sensitive? attribute?", (m, a) -> extreme(m, a, "<"));
    Builtin.add(all, "max", "value case_sensitive? attribute?", (m, a) -> extreme(m, a, ">"));
    Builtin.add(all, "sum", "iterable attribute? start?", SequenceFilters::sum);
    Builtin.add(all, "batch", "value linecount fill_with?", SequenceFilters::batch);
    Builtin.add(all, "slice", "value slices fill_with?", SequenceFilters::slice);
    Builtin.add(
        all, "groupby", "value attribute default? case_sensitive?", SequenceFilters::groupby);
    all.put("map", SequenceFilters::map);
    all.put("select", (m, p, n) -> chosen(m, p, n, true, false));
    all.put("reject", (m, p, n) -> chosen(m, p, n, false, false));
    all.put("selectattr", (m, p, n) -> chosen(m, p, n, true, true));
    all.put("rejectattr", (m, p, n) -> chosen(m, p, n, false, true));
  }

  private static Object given(Object argument) {
    return Builtin.or(argument, null);
  }

  private static Object first(Iterator<Object> items, String message) {
    return items.hasNext() ? items.next() : Undefined.of(message + ", sequence was empty.");
  }

  private static List<Object> reversed(Object value, Machine m) {
    boolean reversible =
        Python.isText(value)
            || value instanceof List<?>
            || value instanceof Dict
            || value instanceof DictView
            || value instanceof Undefined;
    if (!reversible) {
      throw TemplateError.type("'" + Python.typeName(value) + "' object is not reversible");
    }
    List<Object> items = Python.list(value, m.budget());
    Collections.reverse(items);
    return items;
  }

  private static Object reverse(Machine m, Object[] a) {
    if (Python.isText(a[0])) {
      return Subscripts.item(a[0], new SliceKey(null, null, Python.whole(-1)));
    }
    if (a[0] instanceof Lazy) {
      List<Object> items = Python.list(a[0], m.budget());
      Collections.reverse(items);
      return items;
    }
    List<Object> items = reversed(a[0], m);
    return new Lazy(items::iterator);
  }

  private static Object join(Machine m, Object[] a) {
    String separator = PythonText.str(Builtin.or(a[1], ""), m.budget());
    AttributePath path = new AttributePath(given(a[2]), null);
    StringBuilder out = new StringBuilder();
    Iterator<Object> items = Python.iterator(a[0]);
    for (boolean first = true; items.hasNext(); first = false) {
      String text = PythonText.str(path.of(items.next()), m.budget());
      m.budget().letters((long) separator.length() + text.length());
      out.append(first ? "" : separator).append(text);
    }
    return out.toString();
  }

  private static Iterator<Object> items(Object value) {
    if (value instanceof Undefined) {
      return Collections.emptyIterator();
    }
    if (!(value instanceof Dict d)) {
      throw TemplateError.type("Can only get item pairs from a mapping.");
    }
    return d.items().iterator();
  }

  /** Python sorts by "less" alone; what has no order stays where it is. */
  private static Comparator<Object> order(Budget budget) {
    return (x, y) -> {
      int c = Python.compare(x, y, "<", budget);
      return c == Python.UNORDERED ? 0 : c;
    };
  }

  private record Keyed(Object key, Object value) {}

  private static List<Object> sorted(
      List<Object> items,
      java.util.function.UnaryOperator<Object> key,
      boolean reverse,
      Machine m) {
    List<Keyed> keyed = new ArrayList<>();
    items.forEach(i -> keyed.add(new Keyed(key.apply(i), i)));
    Comparator<Keyed> order = Comparator.comparing(Keyed::key, order(m.budget()));
    try {
      keyed.sort(reverse ? order.reversed() : order);
    } catch (IllegalArgumentException e) { // Java's sort found that NaN is neither less nor greater
      throw TemplateError.value("values that have no order");
    }
    List<Object> values = new ArrayList<>();
    keyed.forEach(k -> values.add(k.value()));
    return values;
  }

  private static Object dictsort(Machine m, Object[] a) {
    Object by = Builtin.or(a[2], "key");
    if (!"key".equals(by) && !"value".equals(by)) {
      throw new TemplateError(
          TemplateError.Kind.OTHER, "You can only sort by either \"key\" or \"value\"");
    }
    if (!(a[0] instanceof Dict d)) {
      if (a[0] instanceof Undefined u) {
        throw u.error();
      }
      throw TemplateError.type("only dictionaries can be sorted by 'dictsort'");
    }
    int part = "key".equals(by) ? 0 : 1;
    boolean sensitive = Builtin.flag(a[1]);
    return sorted(
        d.items(),
        i -> AttributePath.folded(((Tuple) i).get(part), sensitive),
        Builtin.flag(a[3]),
        m);
  }

  private static Object sort(Machine m, Object[] a) {
    boolean sensitive = Builtin.flag(a[2]);
    Object attribute = given(a[3]);
    List<AttributePath> paths = new ArrayList<>();
    if (Python.isText(attribute)) {
      for (String one : attribute.toString().split(",", -1)) {
        paths.add(new AttributePath(one, null));
      }
    } else {
      paths.add(new AttributePath(attribute, null));
    }
    return sorted(
        Python.list(a[0], m.budget()),
        i -> {
          List<Object> keys = new ArrayList<>();
          paths.forEach(p -> keys.add(p.key(i, sensitive)));
          return keys;
        },
        Python.index(Builtin.or(a[1], false), "the direction") != 0,
        m);
  }

  private static Object unique(Machine m, Object[] a) {
    AttributePath path = new AttributePath(given(a[2]), null);
    boolean sensitive = Builtin.flag(a[1]);
    return new Lazy(
        () -> {
          Set<Object> seen = new HashSet<>();
          return filtered(
              Python.iterator(a[0]), i -> seen.add(HashKey.of(path.key(i, sensitive))), m);
        });
  }

  private static Iterator<Object> filtered(
      Iterator<Object> items, Predicate<Object> wanted, Machine m) {
    return new ChosenItems(
        items,
        item -> {
          m.budget().step();
          return wanted.test(item) ? item : Builtin.ABSENT;
        });
  }

  private static Object extreme(Machine m, Object[] a, String operator) {
    AttributePath path = new AttributePath(given(a[2]), null);
    boolean sensitive = Builtin.flag(a[1]);
    Iterator<Object> items = Python.iterator(a[0]);
    if (!items.hasNext()) {
      return Undefined.of("No aggregated item, sequence was empty.");
    }
    Object best = items.next();
    Object bestKey = path.key(best, sensitive);
    while (items.hasNext()) {
      Object item = items.next();
      Object key = path.key(item, sensitive);
      int c = Python.compare(key, bestKey, operator, m.budget());
      if (operator.equals("<") ? c < 0 : c == 1) {
        best = item;
        bestKey = key;
      }
    }
    return best;
  }

  private static Object sum(Machine m, Object[] a) {
    AttributePath path = new AttributePath(given(a[1]), null);
    Object total = Builtin.or(a[2], Python.whole(0));
    if (Python.isText(total)) {
      throw TemplateError.type("sum() can't sum strings [use ''.join(seq) instead]");
    }
    Iterator<Object> items = Python.iterator(a[0]);
    while (items.hasNext()) {
      total = Arithmetic.binary("+", total, path.of(items.next()), m.budget());
    }
    return total;
  }

  private static Object batch(Machine m, Object[] a) {
    Object fill = given(a[2]);
    return new Lazy(
        () -> {
          List<Object> rows = new ArrayList<>();
          List<Object> row = new ArrayList<>();
          for (Object item : Python.list(a[0], m.budget())) {
            if (Python.equal(Python.whole(row.size()), a[1], m.budget())) {
              rows.add(row);
              row = new ArrayList<>();
            }
            row.add(item);
          }
          if (!row.isEmpty()) {
            int width = fill == null ? 0 : Python.index(a[1], "a count");
            m.budget().steps(Math.max(0, width - row.size()));
            while (row.size() < width) {
              row.add(fill);
            }
            rows.add(row);
          }
          return rows.iterator();
        });
  }

  private static Object slice(Machine m, Object[] a) {
    Object fill = given(a[2]);
    return new Lazy(
        () -> {
          List<Object> items = Python.list(a[0], m.budget());
          int slices = Python.index(a[1], "a count");
          if (slices == 0) {
            throw new TemplateError(TemplateError.Kind.OTHER, "division by zero");
          }
          m.budget().steps(Math.max(0, slices));
          List<Object> rows = new ArrayList<>();
          int each = Math.floorDiv(items.size(), slices);
          int longer = Math.floorMod(items.size(), slices);
          int at = 0;
          for (int i = 0; i < slices; i++) {
            int size = each + (i < longer ? 1 : 0);
            List<Object> row = new ArrayList<>(items.subList(at, at + size));
            at += size;
            if (fill != null && i >= longer) {
              row.add(fill);
            }
            rows.add(row);
          }
          return rows.iterator();
        });
  }

  private static Object groupby(Machine m, Object[] a) {
    AttributePath path = new AttributePath(a[1], given(a[2]));
    boolean sensitive = Builtin.flag(a[3]);
    List<Object> items =
        sorted(Python.list(a[0], m.budget()), i -> path.key(i, sensitive), false, m);
    List<Object> groups = new ArrayList<>();
    List<Object> group = new ArrayList<>();
    Object last = Builtin.ABSENT;
    for (Object item : items) {
      Object key = path.key(item, sensitive);
      if (last == Builtin.ABSENT || !Python.equal(last, key, m.budget())) {
        group = new ArrayList<>();
        Object shown = sensitive ? key : path.of(item);
        groups.add(Tuple.named(List.of("grouper", "list"), shown, group));
        last = key;
      }
      group.add(item);
    }
    return groups;
  }

  private static Object map(Machine m, List<Object> positional, Map<String, Object> named) {
    Object value = Builtin.bind("map", List.of("value"), positional.subList(0, 1), Map.of())[0];
    List<Object> rest = positional.subList(1, positional.size());
    return new Lazy(
        () -> {
          if (!Python.truth(value)) {
            return Collections.emptyIterator();
          }
          java.util.function.UnaryOperator<Object> each = mapping(m, rest, named);
          Iterator<Object> items = Python.iterator(value);
          return new Iterator<>() {
            @Override
            public boolean hasNext() {
              return items.hasNext();
            }

            @Override
            public Object next() {
              m.budget().step();
              return each.apply(items.next());
            }
          };
        });
  }

  private static java.util.function.UnaryOperator<Object> mapping(
      Machine m, List<Object> rest, Map<String, Object> named) {
    if (rest.isEmpty() && named.containsKey("attribute")) {
      if (!Set.of("attribute", "default").containsAll(named.keySet())) {
        throw new TemplateError(TemplateError.Kind.OTHER, "Unexpected keyword argument of 'map'");
      }
      return new AttributePath(named.get("attribute"), named.get("default"))::of;
    }
    if (rest.isEmpty()) {
      throw new TemplateError(TemplateError.Kind.OTHER, "map requires a filter argument");
    }
    Object name = rest.get(0);
    List<Object> more = rest.subList(1, rest.size());
    return item -> {
      List<Object> arguments = new ArrayList<>();
      arguments.add(item);
      arguments.addAll(more);
      return m.filter(PythonText.str(name, m.budget()), arguments, named);
    };
  }

  private static Object chosen(
      Machine m,
      List<Object> positional,
      Map<String, Object> named,
      boolean keep,
      boolean byAttribute) {
    Object value = positional.get(0);
    List<Object> rest = positional.subList(1, positional.size());
    return new Lazy(
        () -> {
          if (!Python.truth(value)) {
            return Collections.emptyIterator();
          }
          if (byAttribute && rest.isEmpty()) {
            throw new TemplateError(
                TemplateError.Kind.OTHER, "Missing parameter for attribute name");
          }
          AttributePath path = new AttributePath(byAttribute ? rest.get(0) : null, null);
          int from = byAttribute ? 1 : 0;
          Predicate<Object> test;
          if (rest.size() <= from) {
            test = Python::truth;
          } else {
            String name = PythonText.str(rest.get(from), m.budget());
            List<Object> more = rest.subList(from + 1, rest.size());
            test =
                item -> {
                  List<Object> arguments = new ArrayList<>();
                  arguments.add(item);
                  arguments.addAll(more);
                  return m.test(name, arguments, named);
                };
          }
          return filtered(Python.iterator(value), i -> test.test(path.of(i)) == keep, m);
        });
  }
}
