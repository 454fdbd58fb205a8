/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Computes the values of expressions. */
final class Evaluator {
  private final Machine machine;
  private final Budget budget;

  Evaluator(Machine machine) {
    this.machine = machine;
    this.budget = machine.budget();
  }

  /**
   * The value of an expression.
   *
   * @throws TemplateError with the place of the innermost expression that has none
   */
  Object value(Expr expression, Scope scope) {
    budget.step();
    try {
      return computed(expression, scope);
    } catch (TemplateError e) {
      throw e.at(expression.at());
    }
  }

  private Object computed(Expr expression, Scope scope) {
    if (expression instanceof Expr.Const e) {
      return e.value();
    } else if (expression instanceof Expr.Name e) {
      Object value = scope.get(e.name());
      return value == Builtin.ABSENT ? Undefined.name(e.name()) : value;
    } else if (expression instanceof Expr.Attribute e) {
      return Subscripts.attribute(value(e.of(), scope), e.name());
    } else if (expression instanceof Expr.Item e) {
      return item(e, scope);
    } else if (expression instanceof Expr.Call e) {
      return call(e, null, scope);
    } else if (expression instanceof Expr.Filter e) {
      return filter(e, value(e.of(), scope), scope);
    } else if (expression instanceof Expr.Test e) {
      List<Object> arguments = new ArrayList<>();
      arguments.add(value(e.of(), scope));
      Map<String, Object> named = arguments(e.arguments(), arguments, scope);
      return machine.test(e.name(), arguments, named);
    } else if (expression instanceof Expr.Logical e) {
      Object left = value(e.left(), scope);
      return Python.truth(left) == e.and() ? value(e.right(), scope) : left;
    } else if (expression instanceof Expr.Unary e) {
      Object operand = value(e.operand(), scope);
      return e.operator().equals("not")
          ? (Object) !Python.truth(operand)
          : Arithmetic.unary(e.operator().equals("-"), operand);
    } else if (expression instanceof Expr.Binary e) {
      Object left = value(e.left(), scope);
      Object right = value(e.right(), scope);
      budget.steps(Python.cost(left) + Python.cost(right));
      return Arithmetic.binary(e.operator(), left, right, budget);
    } else if (expression instanceof Expr.Compare e) {
      return compare(e, scope);
    } else if (expression instanceof Expr.Conditional e) {
      return conditional(e, scope);
    } else if (expression instanceof Expr.Concat e) {
      return concat(e, scope);
    } else if (expression instanceof Expr.ListOf e) {
      return values(e.items(), scope);
    } else if (expression instanceof Expr.TupleOf e) {
      return new Tuple(values(e.items(), scope));
    } else if (expression instanceof Expr.DictOf e) {
      Dict d = new Dict();
      for (int i = 0; i < e.keys().size(); i++) {
        Object key = value(e.keys().get(i), scope);
        d.put(key, value(e.values().get(i), scope));
      }
      return d;
    } else if (expression instanceof Expr.Slice e) {
      return new SliceKey(
          optional(e.start(), scope), optional(e.stop(), scope), optional(e.step(), scope));
    }
    throw TemplateError.syntax("this is only something to assign to", expression.at());
  }

  private Object optional(Expr expression, Scope scope) {
    return expression == null ? null : value(expression, scope);
  }

  private List<Object> values(List<Expr> expressions, Scope scope) {
    List<Object> values = new ArrayList<>(expressions.size());
    for (Expr e : expressions) {
      values.add(value(e, scope));
    }
    return values;
  }

  private Object item(Expr.Item e, Scope scope) {
    Object of = value(e.of(), scope);
    Object key = value(e.key(), scope);
    budget.steps(Python.cost(of));
    return Subscripts.item(of, key);
  }

  private Object conditional(Expr.Conditional e, Scope scope) {
    if (Python.truth(value(e.test(), scope))) {
      return value(e.then(), scope);
    }
    return e.otherwise() == null
        ? Undefined.of(
            "the inline if-expression evaluated to false and no else section was defined.")
        : value(e.otherwise(), scope);
  }

  private Object concat(Expr.Concat e, Scope scope) {
    StringBuilder out = new StringBuilder();
    for (Object part : values(e.parts(), scope)) {
      String text = PythonText.str(part, budget);
      budget.letters(text.length());
      out.append(text);
    }
    return out.toString();
  }

  private Object compare(Expr.Compare e, Scope scope) {
    Object left = value(e.operands().get(0), scope);
    boolean result = true;
    for (int i = 0; i < e.operators().size() && result; i++) {
      Object right = value(e.operands().get(i + 1), scope);
      result =
          switch (e.operators().get(i)) {
            case "==" -> Python.equal(left, right, budget);
            case "!=" -> !Python.equal(left, right, budget);
            case "in" -> Python.contains(right, left, budget);
            case "not in" -> !Python.contains(right, left, budget);
            default -> Tests.ordered(e.operators().get(i), left, right, budget);
          };
      left = right;
    }
    return result;
  }

  /** The value that a filter makes of another. */
  Object filter(Expr.Filter e, Object of, Scope scope) {
    List<Object> arguments = new ArrayList<>();
    arguments.add(of);
    Map<String, Object> named = arguments(e.arguments(), arguments, scope);
    return machine.filter(e.name(), arguments, named);
  }

  /**
   * What a call gives.
   *
   * @param caller the body of a call block, or null
   */
  Object call(Expr.Call e, Object caller, Scope scope) {
    Object function = value(e.function(), scope);
    List<Object> positional = new ArrayList<>();
    Map<String, Object> named = arguments(e.arguments(), positional, scope);
    if (caller != null) {
      named.put("caller", caller);
    }
    return machine.call(function, positional, named);
  }

  /** Adds positional arguments; gives the named ones. */
  private Map<String, Object> arguments(
      Expr.Arguments arguments, List<Object> positional, Scope scope) {
    positional.addAll(values(arguments.positional(), scope));
    Map<String, Object> named = new LinkedHashMap<>();
    for (int i = 0; i < arguments.names().size(); i++) {
      named.put(arguments.names().get(i), value(arguments.named().get(i), scope));
    }
    if (arguments.more() != null) {
      positional.addAll(Python.list(value(arguments.more(), scope), budget));
    }
    if (arguments.moreNamed() != null) {
      if (!(value(arguments.moreNamed(), scope) instanceof Dict d)) {
        throw TemplateError.type("what stands behind ** must be a mapping");
      }
      for (Object key : d.keys()) {
        if (!(key instanceof String name)) {
          throw TemplateError.type("keywords must be strings");
        }
        if (named.containsKey(name)) {
          throw TemplateError.type("two values for the argument '" + name + "'");
        }
        named.put(name, d.get(key, null));
      }
    }
    return named;
  }
}
