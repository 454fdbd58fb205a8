/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A filter, a test or a function with named parameters.
 *
 * @param name as templates have it
 * @param parameters in order; those that end in {@code ?} may be left out
 * @param body what it does with the arguments; those left out are {@link #ABSENT}
 */
record Builtin(String name, List<String> parameters, Body body) implements Function {
  /** Stands for an argument that is not given. */
  static final Object ABSENT =
      new Object() {
        @Override
        public String toString() {
          return "absent";
        }
      };

  /** What is done. */
  interface Body {
    Object apply(Machine machine, Object[] arguments);
  }

  static Builtin of(String name, String parameters, Body body) {
    return new Builtin(name, parameters(parameters), body);
  }

  static List<String> parameters(String names) {
    return names.isEmpty() ? List.of() : List.of(names.split(" ", -1));
  }

  @Override
  public Object call(Machine machine, List<Object> positional, Map<String, Object> named) {
    for (Object argument : positional) {
      machine.budget().steps(Python.cost(argument));
    }
    return body.apply(machine, bind(name, parameters, positional, named));
  }

  /**
   * Arguments in the order of the parameters.
   *
   * @throws TemplateError if one is missing, too many or unknown
   */
  static Object[] bind(
      String name, List<String> parameters, List<Object> positional, Map<String, Object> named) {
    if (positional.size() > parameters.size()) {
      throw TemplateError.type(
          name + " takes at most " + parameters.size() + " arguments, not " + positional.size());
    }
    List<Object> all = new ArrayList<>(positional);
    int used = 0;
    for (int i = 0; i < parameters.size(); i++) {
      String parameter = parameters.get(i);
      boolean optional = parameter.endsWith("?");
      String plain = optional ? parameter.substring(0, parameter.length() - 1) : parameter;
      boolean isNamed = named.containsKey(plain);
      used += isNamed ? 1 : 0;
      if (i < positional.size()) {
        if (isNamed) {
          throw TemplateError.type(name + " has two values for '" + plain + "'");
        }
      } else if (isNamed) {
        all.add(named.get(plain));
      } else if (optional) {
        all.add(ABSENT);
      } else {
        throw TemplateError.type(name + " needs the argument '" + plain + "'");
      }
    }
    if (used < named.size()) {
      throw TemplateError.type(name + " has no argument named as one of " + named.keySet());
    }
    return all.toArray();
  }

  static void add(Map<String, Function> all, String name, String parameters, Body body) {
    all.put(name, of(name, parameters, body));
  }

  /** Whether a flag is given and true. */
  static boolean flag(Object argument) {
    return argument != ABSENT && Python.truth(argument);
  }

  /** An argument, or what it is where it is left out. */
  static Object or(Object argument, Object otherwise) {
    return argument == ABSENT ? otherwise : argument;
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }

  @Override
  public String toString() {
    return name + Arrays.toString(parameters.toArray());
  }
}
