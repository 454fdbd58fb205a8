package org.tlora.text;

import com.hubspot.jinjava.el.JinjavaInterpreterResolver;
import com.hubspot.jinjava.lib.exptest.ExpTest;
import com.hubspot.jinjava.lib.filter.Filter;
import com.hubspot.jinjava.objects.SafeString;
import java.beans.FeatureDescriptor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import jinjava.javax.el.ELContext;
import jinjava.javax.el.ELResolver;
import jinjava.javax.el.MethodNotFoundException;

/**
 * Python's methods of texts, lists and dictionaries for templates, instead of Java's: those differ
 * ({@code split} takes no regular expression there), and Java's would let a template out.
 */
final class PythonMethods extends ELResolver {
  private static final ELResolver VALUES = JinjavaInterpreterResolver.DEFAULT_RESOLVER_READ_ONLY;

  @Override
  public Object invoke(
      ELContext context, Object base, Object method, Class<?>[] types, Object[] arguments) {
    Object[] a = arguments == null ? new Object[0] : arguments;
    Object result;
    if (base instanceof String || base instanceof SafeString) {
      result = text(base.toString(), method.toString(), a);
    } else if (base instanceof Map<?, ?> map) {
      result = dictionary(map, method.toString(), a);
    } else if (base instanceof List<?> list) {
      result = list(list, method.toString(), a);
    } else if (base instanceof Filter || base instanceof ExpTest) {
      return VALUES.invoke(context, base, method, types, arguments); // how the engine calls its own
    } else {
      throw new MethodNotFoundException("no method " + method + " here");
    }
    context.setPropertyResolved(true);
    return result;
  }

  private static Object text(String s, String method, Object[] a) {
    return switch (method) {
      case "strip" -> stripped(s, a, true, true);
      case "lstrip" -> stripped(s, a, true, false);
      case "rstrip" -> stripped(s, a, false, true);
      case "upper" -> s.toUpperCase(Locale.ROOT);
      case "lower" -> s.toLowerCase(Locale.ROOT);
      case "capitalize" ->
          s.isEmpty()
              ? s
              : s.substring(0, 1).toUpperCase(Locale.ROOT)
                  + s.substring(1).toLowerCase(Locale.ROOT);
      case "title" -> title(s);
      case "startswith" -> s.startsWith(a[0].toString());
      case "endswith" -> s.endsWith(a[0].toString());
      case "removeprefix" ->
          s.startsWith(a[0].toString()) ? s.substring(a[0].toString().length()) : s;
      case "removesuffix" ->
          s.endsWith(a[0].toString()) ? s.substring(0, s.length() - a[0].toString().length()) : s;
      case "replace" -> replaced(s, a);
      case "split" -> split(s, a);
      case "rsplit" -> splitFromRight(s, a);
      case "splitlines" -> new ArrayList<>(s.lines().toList());
      case "join" -> String.join(s, ((Collection<?>) a[0]).stream().map(Object::toString).toList());
      case "find" -> (long) s.indexOf(a[0].toString());
      case "rfind" -> (long) s.lastIndexOf(a[0].toString());
      case "count" -> (long) s.split(Pattern.quote(a[0].toString()), -1).length - 1;
      case "isdigit" -> !s.isEmpty() && s.chars().allMatch(Character::isDigit);
      default -> throw new MethodNotFoundException("texts have no method " + method);
    };
  }

  private static String title(String s) {
    StringBuilder out = new StringBuilder();
    boolean inside = false;
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      out.append(inside ? Character.toLowerCase(c) : Character.toUpperCase(c));
      inside = Character.isLetter(c);
    }
    return out.toString();
  }

  private static String stripped(String s, Object[] a, boolean left, boolean right) {
    String what = a.length == 0 || a[0] == null ? null : a[0].toString();
    int from = 0;
    int to = s.length();
    while (left && from < to && goes(s.charAt(from), what)) {
      from++;
    }
    while (right && to > from && goes(s.charAt(to - 1), what)) {
      to--;
    }
    return s.substring(from, to);
  }

  private static boolean goes(char c, String what) {
    return what == null
        ? Character.isWhitespace(c) || Character.isSpaceChar(c) || (c >= 0x1c && c <= 0x1f)
        : what.indexOf(c) >= 0;
  }

  private static String replaced(String s, Object[] a) {
    String from = a[0].toString();
    String to = a[1].toString();
    if (a.length < 3) {
      return s.replace(from, to);
    }
    long most = ((Number) a[2]).longValue();
    String out = s;
    int at = 0;
    for (long i = 0; i < most; i++) {
      int found = out.indexOf(from, at);
      if (found < 0) {
        break;
      }
      out = out.substring(0, found) + to + out.substring(found + from.length());
      at = found + to.length();
    }
    return out;
  }

  private static List<Object> split(String s, Object[] a) {
    if (a.length == 0 || a[0] == null) {
      String t = s.strip();
      return new ArrayList<>(t.isEmpty() ? List.of() : Arrays.asList(t.split("\\s+")));
    }
    int most = a.length > 1 ? ((Number) a[1]).intValue() + 1 : -1;
    return new ArrayList<>(Arrays.asList(s.split(Pattern.quote(a[0].toString()), most)));
  }

  private static List<Object> splitFromRight(String s, Object[] a) {
    if (a.length < 2) {
      return split(s, a);
    }
    String separator = a[0].toString();
    List<Object> parts = new ArrayList<>();
    String rest = s;
    for (int i = 0; i < ((Number) a[1]).intValue() && rest.contains(separator); i++) {
      int at = rest.lastIndexOf(separator);
      parts.add(0, rest.substring(at + separator.length()));
      rest = rest.substring(0, at);
    }
    parts.add(0, rest);
    return parts;
  }

  private static Object dictionary(Map<?, ?> map, String method, Object[] a) {
    return switch (method) {
      case "get" -> {
        Object value = map.get(a[0]);
        yield value == null && a.length > 1 ? a[1] : value;
      }
      case "keys" -> new ArrayList<>(map.keySet());
      case "values" -> new ArrayList<>(map.values());
      case "items" -> {
        List<Object> pairs = new ArrayList<>();
        map.forEach((k, v) -> pairs.add(new ArrayList<>(Arrays.asList(k, v))));
        yield pairs;
      }
      default -> throw new MethodNotFoundException("dictionaries have no method " + method);
    };
  }

  @SuppressWarnings("unchecked") // lists of a template hold whatever it puts there
  private static Object list(List<?> list, String method, Object[] a) {
    return switch (method) {
      case "append" -> {
        ((List<Object>) list).add(a[0]);
        yield "";
      }
      case "extend" -> {
        ((List<Object>) list).addAll((Collection<?>) a[0]);
        yield "";
      }
      case "index" -> (long) list.indexOf(a[0]);
      case "count" -> list.stream().filter(e -> e.equals(a[0])).count();
      case "pop" -> ((List<Object>) list).remove(list.size() - 1);
      default -> throw new MethodNotFoundException("lists have no method " + method);
    };
  }

  @Override
  public Object getValue(ELContext context, Object base, Object property) {
    return VALUES.getValue(context, base, property);
  }

  @Override
  public Class<?> getType(ELContext context, Object base, Object property) {
    return VALUES.getType(context, base, property);
  }

  @Override
  public Class<?> getCommonPropertyType(ELContext context, Object base) {
    return VALUES.getCommonPropertyType(context, base);
  }

  @Override
  public Iterator<FeatureDescriptor> getFeatureDescriptors(ELContext context, Object base) {
    return VALUES.getFeatureDescriptors(context, base);
  }

  @Override
  public boolean isReadOnly(ELContext context, Object base, Object property) {
    return true;
  }

  @Override
  public void setValue(ELContext context, Object base, Object property, Object value) {
    throw new UnsupportedOperationException("templates change nothing");
  }
}
