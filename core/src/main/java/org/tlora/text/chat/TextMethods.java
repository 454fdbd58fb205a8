/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntPredicate;

/** Python's methods of texts. Places count letters, not Java's chars. */
final class TextMethods {
  private final Machine machine;
  private final Object of;
  private final String text;
  private final String name;
  private final List<Object> positional;
  private final Map<String, Object> named;

  private TextMethods(
      Machine machine, Object of, String name, List<Object> positional, Map<String, Object> named) {
    this.machine = machine;
    this.of = of;
    this.text = of.toString();
    this.name = name;
    this.positional = positional;
    this.named = named;
  }

  static Object call(
      Machine machine, Object of, String name, List<Object> positional, Map<String, Object> named) {
    TextMethods call = new TextMethods(machine, of, name, positional, named);
    Object result = call.result();
    if (result instanceof String s) {
      machine.budget().letters(s.length());
    }
    return of instanceof Markup ? marked(result) : result;
  }

  /** Methods of HTML give HTML. */
  private static Object marked(Object result) {
    if (result instanceof String s) {
      return new Markup(s);
    }
    if (result instanceof Tuple t) {
      return new Tuple(t.stream().map(TextMethods::marked).toList());
    }
    return result instanceof List<?> l
        ? new ArrayList<>(l.stream().map(TextMethods::marked).toList())
        : result;
  }

  private Object[] arguments(String parameters) {
    return Methods.bound(name, parameters, positional, named);
  }

  private static String textOf(Object argument) {
    if (!Python.isText(argument)) {
      throw TemplateError.type("a text is needed, not " + Python.typeName(argument));
    }
    return argument.toString();
  }

  private Object result() {
    return switch (name) {
      case "strip" -> stripped(true, true);
      case "lstrip" -> stripped(true, false);
      case "rstrip" -> stripped(false, true);
      case "upper" -> plain(text.toUpperCase(Locale.ROOT));
      case "lower" -> plain(Letters.lower(text));
      case "casefold" -> plain(Letters.folded(text));
      case "capitalize" -> plain(Letters.capitalized(text));
      case "title" -> plain(Letters.titled(text));
      case "swapcase" -> plain(Letters.swapped(text));
      case "startswith", "endswith" -> affix();
      case "removeprefix" -> {
        String prefix = textOf(arguments("prefix")[0]);
        yield text.startsWith(prefix) ? text.substring(prefix.length()) : text;
      }
      case "removesuffix" -> {
        String suffix = textOf(arguments("suffix")[0]);
        yield text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
      }
      case "replace" -> replaced();
      case "split", "rsplit" -> split(name.equals("split"));
      case "splitlines" -> {
        Object[] a = Builtin.bind(name, Builtin.parameters("keepends?"), positional, named);
        Object keep = Builtin.or(a[0], false);
        yield Letters.lines(text, Python.index(keep, "whether ends are kept") != 0);
      }
      case "partition", "rpartition" -> partition();
      case "join" -> joined();
      case "find", "rfind", "index", "rindex" -> found();
      case "count" -> counted();
      case "center", "ljust", "rjust" -> padded();
      case "zfill" -> zeroed(Python.index(arguments("width")[0], "a width"));
      case "expandtabs" -> expanded();
      case "format" -> BraceFormat.apply(text, positional, named, machine.budget());
      case "isalpha" -> every(Character::isLetter);
      case "isdigit" -> every(LetterKinds::isDigit);
      case "isdecimal" -> every(Character::isDigit);
      case "isnumeric" -> every(LetterKinds::isNumeric);
      case "isalnum" -> every(c -> Character.isLetter(c) || LetterKinds.isNumeric(c));
      case "isspace" -> every(PythonChars::isSpace);
      case "isascii" -> {
        arguments("");
        yield text.chars().allMatch(c -> c < 128);
      }
      case "isprintable" -> {
        arguments("");
        yield text.codePoints().allMatch(PythonChars::isPrintable);
      }
      case "isupper" -> cased(Character::isUpperCase, Character::isLowerCase);
      case "islower" -> cased(Character::isLowerCase, Character::isUpperCase);
      case "istitle" -> plain(Letters.isTitled(text));
      case "isidentifier" ->
          plain(
              !text.isEmpty()
                  && (text.charAt(0) == '_'
                      || Character.isUnicodeIdentifierStart(text.codePointAt(0)))
                  && text.codePoints().allMatch(PythonChars::isNamePart));
      default ->
          throw new TemplateError(
              TemplateError.Kind.OTHER, "the method '" + name + "' of texts is not supported");
    };
  }

  private <T> T plain(T result) {
    arguments("");
    return result;
  }

  private boolean every(IntPredicate kind) {
    arguments("");
    return !text.isEmpty() && text.codePoints().allMatch(kind);
  }

  private boolean cased(IntPredicate some, IntPredicate none) {
    arguments("");
    return text.codePoints().anyMatch(some)
        && text.codePoints().noneMatch(c -> none.test(c) || Character.isTitleCase(c));
  }

  private String stripped(boolean left, boolean right) {
    Object letters = Builtin.or(arguments("chars?")[0], null);
    return Letters.stripped(text, letters == null ? null : textOf(letters), left, right);
  }

  /** A place of a search, in chars; −1 for one beyond the end. */
  private int place(Object argument, int otherwise, int length) {
    if (argument == Builtin.ABSENT || argument == null) {
      return otherwise;
    }
    int i = Python.index(argument, "an index");
    i = i < 0 ? Math.max(0, i + length) : i;
    return i > length ? -1 : text.offsetByCodePoints(0, i);
  }

  /** The part that a search looks at, as chars from and to; null if there is none. */
  private int[] part(Object start, Object stop) {
    int length = Python.length(of);
    int from = place(start, 0, length);
    int to = place(stop, text.length(), length);
    to = to < 0 ? text.length() : to;
    return from < 0 || from > to ? null : new int[] {from, to};
  }

  private boolean affix() {
    Object[] a = arguments("affix start? stop?");
    int[] part = part(a[1], a[2]);
    List<Object> all = a[0] instanceof Tuple t ? t : List.of(textOf(a[0]));
    String within = part == null ? null : text.substring(part[0], part[1]);
    for (Object affix : all) {
      String wanted = textOf(affix);
      if (within != null
          && (name.equals("startswith") ? within.startsWith(wanted) : within.endsWith(wanted))) {
        return true;
      }
    }
    return false;
  }

  private Object found() {
    Object[] a = arguments("sub start? stop?");
    int[] part = part(a[1], a[2]);
    String sub = textOf(a[0]);
    int at = -1;
    if (part != null) {
      String within = text.substring(part[0], part[1]);
      at = name.startsWith("r") ? within.lastIndexOf(sub) : within.indexOf(sub);
      at = at < 0 ? at : text.codePointCount(0, part[0] + at);
    }
    if (at < 0 && name.endsWith("index")) {
      throw TemplateError.value("substring not found");
    }
    return Python.whole(at);
  }

  private Object counted() {
    Object[] a = arguments("sub start? stop?");
    int[] part = part(a[1], a[2]);
    String sub = textOf(a[0]);
    if (part == null) {
      return Python.whole(0);
    }
    String within = text.substring(part[0], part[1]);
    if (sub.isEmpty()) {
      return Python.whole(within.codePointCount(0, within.length()) + 1L);
    }
    int n = 0;
    for (int i = within.indexOf(sub); i >= 0; i = within.indexOf(sub, i + sub.length())) {
      n++;
    }
    return Python.whole(n);
  }

  private String replaced() {
    Object[] a = arguments("old new count?");
    int most = Python.index(Builtin.or(a[2], Python.whole(-1)), "a count");
    String to = textOf(a[1]);
    if (of instanceof Markup && !(a[1] instanceof Markup)) {
      to = Markup.escaped(to).text();
    }
    return Letters.replaced(text, textOf(a[0]), to, most, machine.budget());
  }

  private Object split(boolean fromLeft) {
    Object[] a = Builtin.bind(name, Builtin.parameters("sep? maxsplit?"), positional, named);
    Object separator = Builtin.or(a[0], null);
    int most = Python.index(Builtin.or(a[1], Python.whole(-1)), "a count");
    if (separator != null && textOf(separator).isEmpty()) {
      throw TemplateError.value("empty separator");
    }
    List<Object> parts =
        separator == null
            ? Letters.words(text, most, fromLeft)
            : Letters.split(text, separator.toString(), most, fromLeft);
    machine.budget().steps(parts.size());
    return parts;
  }

  private Object partition() {
    String separator = textOf(arguments("sep")[0]);
    if (separator.isEmpty()) {
      throw TemplateError.value("empty separator");
    }
    boolean left = name.equals("partition");
    int at = left ? text.indexOf(separator) : text.lastIndexOf(separator);
    if (at < 0) {
      return left ? Tuple.of(text, "", "") : Tuple.of("", "", text);
    }
    return Tuple.of(text.substring(0, at), separator, text.substring(at + separator.length()));
  }

  private String joined() {
    Object items = arguments("iterable")[0];
    StringBuilder out = new StringBuilder();
    Iterator<Object> i = Python.iterator(items);
    for (boolean first = true; i.hasNext(); first = false) {
      Object item = i.next();
      if (!Python.isText(item) && !(of instanceof Markup)) {
        throw TemplateError.type(
            "sequence item: expected str instance, " + Python.typeName(item) + " found");
      }
      String part = PythonText.str(item, machine.budget());
      if (of instanceof Markup && !(item instanceof Markup)) {
        part = Markup.escaped(part).text();
      }
      machine.budget().letters((long) text.length() + part.length());
      out.append(first ? "" : text).append(part);
    }
    return out.toString();
  }

  private String padded() {
    Object[] a = arguments("width fill?");
    String fill = textOf(Builtin.or(a[1], " "));
    if (fill.codePointCount(0, fill.length()) != 1) {
      throw TemplateError.type("The fill character must be exactly one character long");
    }
    int width = Python.index(a[0], "a width");
    int length = Python.length(of);
    int missing = Math.max(0, width - length);
    machine.budget().letters(missing);
    int left =
        switch (name) {
          case "ljust" -> 0;
          case "rjust" -> missing;
          // Python puts the odd one to the left where the width is odd
          default -> missing / 2 + (missing & width & 1);
        };
    return fill.repeat(left) + text + fill.repeat(missing - left);
  }

  private String zeroed(int width) {
    int missing = Math.max(0, width - Python.length(of));
    machine.budget().letters(missing);
    boolean signed = text.startsWith("-") || text.startsWith("+");
    return signed
        ? text.charAt(0) + "0".repeat(missing) + text.substring(1)
        : "0".repeat(missing) + text;
  }

  private String expanded() {
    Object[] a = Builtin.bind(name, Builtin.parameters("tabsize?"), positional, named);
    int size = Python.index(Builtin.or(a[0], Python.whole(8)), "a width");
    StringBuilder out = new StringBuilder();
    int column = 0;
    for (int c : text.codePoints().toArray()) {
      if (c == '\t') {
        int blanks = size > 0 ? size - column % size : 0;
        machine.budget().letters(blanks);
        out.append(" ".repeat(blanks));
        column += blanks;
      } else {
        out.appendCodePoint(c);
        column = c == '\n' || c == '\r' ? 0 : column + 1;
      }
    }
    return out.toString();
  }
}
