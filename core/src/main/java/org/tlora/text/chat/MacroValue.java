/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A macro with the scope that it was defined in. */
record MacroValue(Stmt.Macro macro, Scope scope, Interpreter interpreter) implements Function {
  String name() {
    return macro.name();
  }

  Object attribute(String attribute) {
    return switch (attribute) {
      case "name" -> macro.name();
      case "arguments" -> new Tuple(macro.parameters());
      case "catch_kwargs" -> macro.special().contains("kwargs");
      case "catch_varargs" -> macro.special().contains("varargs");
      case "caller" -> macro.special().contains("caller");
      default -> Builtin.ABSENT;
    };
  }

  @Override
  public Object call(Machine machine, List<Object> positional, Map<String, Object> named) {
    Map<String, Object> given = new HashMap<>();
    Map<String, Object> rest = new java.util.LinkedHashMap<>(named);
    List<String> parameters = macro.parameters();
    boolean hasCaller = parameters.contains("caller") && positional.size() >= parameters.size();
    for (int i = 0; i < parameters.size(); i++) {
      String parameter = parameters.get(i);
      if (i < positional.size()) {
        given.put(parameter, positional.get(i));
      } else {
        hasCaller |= parameter.equals("caller");
        if (rest.containsKey(parameter)) {
          given.put(parameter, rest.remove(parameter));
        }
      }
    }
    if (macro.special().contains("caller") && !hasCaller) {
      Object caller = rest.remove("caller");
      given.put("caller", caller == null ? Undefined.of("No caller defined") : caller);
    }
    if (macro.special().contains("kwargs") && !parameters.contains("kwargs")) {
      Dict d = new Dict();
      rest.forEach(d::put);
      given.put("kwargs", d);
    } else if (!rest.isEmpty()) {
      throw TemplateError.type(
          "macro '" + name() + "' takes no argument '" + rest.keySet().iterator().next() + "'");
    }
    int most = parameters.size();
    if (macro.special().contains("varargs") && !parameters.contains("varargs")) {
      given.put(
          "varargs",
          new Tuple(
              positional.size() > most
                  ? positional.subList(most, positional.size())
                  : new ArrayList<>()));
    } else if (positional.size() > most) {
      throw TemplateError.type(
          "macro '" + name() + "' takes not more than " + most + " argument(s)");
    }
    return interpreter.rendered(macro, scope, given);
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
