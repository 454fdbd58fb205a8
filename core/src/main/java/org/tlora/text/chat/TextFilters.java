/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Filters of texts. */
final class TextFilters {
  /** What Jinja2 has and no template of a conversation has a use for. */
  private static final List<String> UNSUPPORTED =
      List.of("pprint", "random", "striptags", "urlize", "wordwrap", "xmlattr");

  private TextFilters() {}

  static void addTo(Map<String, Function> all) {
    for (String method : List.of("capitalize", "lower", "upper")) {
      Builtin.add(all, method, "s", (m, a) -> method(m, a[0], method));
    }
    Builtin.add(all, "title", "s", (m, a) -> title(m, a[0]));
    Builtin.add(
        all, "trim", "value chars?", (m, a) -> method(m, a[0], "strip", Builtin.or(a[1], null)));
    Builtin.add(
        all,
        "center",
        "value width?",
        (m, a) -> method(m, a[0], "center", Builtin.or(a[1], Python.whole(80))));
    Builtin.add(all, "string", "s", (m, a) -> soft(m, a[0]));
    Builtin.add(all, "replace", "s old new count?", TextFilters::replace);
    Builtin.add(all, "indent", "s width? first? blank?", TextFilters::indent);
    Builtin.add(all, "truncate", "s length? killwords? end? leeway?", TextFilters::truncate);
    Builtin.add(all, "wordcount", "s", TextFilters::wordcount);
    Builtin.add(all, "urlencode", "value", TextFilters::urlencode);
    Builtin.add(all, "safe", "value", (m, a) -> new Markup(PythonText.str(a[0], m.budget())));
    for (String name : List.of("e", "escape")) {
      Builtin.add(all, name, "s", TextFilters::escape);
    }
    Builtin.add(
        all, "forceescape", "value", (m, a) -> Markup.escaped(PythonText.str(a[0], m.budget())));
    all.put(
        "format",
        (m, positional, named) -> {
          List<Object> values = positional.subList(1, positional.size());
          if (!values.isEmpty() && !named.isEmpty()) {
            throw new TemplateError(
                TemplateError.Kind.OTHER,
                "can't handle positional and keyword arguments at the same time");
          }
          Object with = new Tuple(values);
          if (!named.isEmpty()) {
            Dict d = new Dict();
            named.forEach(d::put);
            with = d;
          }
          return PercentFormat.apply(soft(m, positional.get(0)), with, m.budget());
        });
    all.put("tojson", JsonText.filter());
    for (String name : UNSUPPORTED) {
      all.put(
          name,
          (m, positional, named) -> {
            throw new TemplateError(
                TemplateError.Kind.OTHER, "the filter '" + name + "' is not supported");
          });
    }
  }

  /** A value as text; HTML stays HTML. */
  private static Object soft(Machine m, Object value) {
    return Python.isText(value) ? value : PythonText.str(value, m.budget());
  }

  private static Object method(Machine m, Object value, String name, Object... arguments) {
    List<Object> all = new ArrayList<>(java.util.Arrays.asList(arguments));
    return TextMethods.call(m, soft(m, value), name, all, Map.of());
  }

  private static Object title(Machine m, Object value) {
    Object soft = soft(m, value);
    StringBuilder out = new StringBuilder();
    boolean begins = true;
    for (int c : soft.toString().codePoints().toArray()) {
      String letter = Character.toString(c);
      boolean divides = PythonChars.isSpace(c) || "-({[<".indexOf(c) >= 0;
      out.append(
          divides ? letter : begins ? letter.toUpperCase(Locale.ROOT) : Letters.lower(letter));
      begins = divides;
    }
    m.budget().letters(out.length());
    return out.toString();
  }

  private static Object replace(Machine m, Object[] a) {
    Object count = Builtin.or(a[3], null);
    int most = count == null ? -1 : Python.index(count, "a count");
    return Letters.replaced(
        PythonText.str(a[0], m.budget()),
        PythonText.str(a[1], m.budget()),
        PythonText.str(a[2], m.budget()),
        most,
        m.budget());
  }

  private static Object indent(Machine m, Object[] a) {
    if (!Python.isText(a[0])) {
      if (a[0] instanceof Undefined u) {
        throw u.error();
      }
      throw TemplateError.type("only texts can be indented, not " + Python.typeName(a[0]));
    }
    Object width = Builtin.or(a[1], Python.whole(4));
    String blanks;
    if (Python.isText(width)) {
      blanks = width.toString();
    } else {
      int n = Math.max(0, Python.index(width, "a width"));
      m.budget().letters(n);
      blanks = " ".repeat(n);
    }
    if (a[0] instanceof Markup) {
      blanks = Markup.escaped(blanks).text();
    }
    boolean first = Builtin.flag(a[2]);
    boolean blank = Builtin.flag(a[3]);
    List<Object> lines = Letters.lines(a[0] + "\n", false);
    StringBuilder out = new StringBuilder(first ? blanks : "");
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).toString();
      boolean indented = i > 0 && (blank || !line.isEmpty());
      m.budget().letters((long) line.length() + blanks.length());
      out.append(i > 0 ? "\n" : "").append(indented ? blanks : "").append(line);
    }
    return a[0] instanceof Markup ? new Markup(out.toString()) : out.toString();
  }

  private static Object truncate(Machine m, Object[] a) {
    int length = Python.index(Builtin.or(a[1], Python.whole(255)), "a length");
    Object end = Builtin.or(a[3], "...");
    Object given = Builtin.or(a[4], null);
    int leeway = given == null ? 5 : Python.index(given, "a leeway");
    int endLength = Python.length(end);
    if (length < endLength || leeway < 0) {
      throw new TemplateError(
          TemplateError.Kind.OTHER, "the length is below that of the end, or the leeway below 0");
    }
    if (Python.length(a[0]) <= (long) length + leeway) {
      return a[0];
    }
    Object cut = Subscripts.item(a[0], new SliceKey(null, Python.whole(length - endLength), null));
    boolean kills = Builtin.flag(a[2]);
    if (!kills) {
      if (!Python.isText(cut)) {
        throw TemplateError.type("only texts can be truncated at words");
      }
      List<Object> arguments = List.of(" ", Python.whole(1));
      cut = ((List<?>) TextMethods.call(m, cut, "rsplit", arguments, Map.of())).get(0);
    }
    return Arithmetic.binary("+", cut, end, m.budget());
  }

  private static Object wordcount(Machine m, Object[] a) {
    long words = 0;
    boolean inside = false;
    for (int c : soft(m, a[0]).toString().codePoints().toArray()) {
      boolean word = PythonChars.isWord(c);
      words += word && !inside ? 1 : 0;
      inside = word;
    }
    return Python.whole(words);
  }

  private static Object escape(Machine m, Object[] a) {
    return a[0] instanceof Markup ? a[0] : Markup.escaped(PythonText.str(a[0], m.budget()));
  }

  private static Object urlencode(Machine m, Object[] a) {
    if (Python.isText(a[0]) || !Python.isIterable(a[0])) {
      return quoted(PythonText.str(a[0], m.budget()), "/", m);
    }
    List<Object> pairs = a[0] instanceof Dict d ? d.items() : Python.list(a[0], m.budget());
    List<String> parts = new ArrayList<>();
    for (Object pair : pairs) {
      List<Object> two = Python.list(pair, m.budget());
      if (two.size() != 2) {
        throw TemplateError.value("pairs are needed to encode");
      }
      String key = quoted(PythonText.str(two.get(0), m.budget()), "", m);
      String value = quoted(PythonText.str(two.get(1), m.budget()), "", m);
      parts.add((key + "=" + value).replace("%20", "+"));
    }
    return String.join("&", parts);
  }

  private static String quoted(String text, String safe, Machine m) {
    StringBuilder out = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain = (c < 128 && Character.isLetterOrDigit(c)) || ("_.-~" + safe).indexOf(c) >= 0;
      out.append(plain ? "" + c : String.format(Locale.ROOT, "%%%02X", (int) c));
    }
    m.budget().letters(out.length());
    return out.toString();
  }
}
