/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Renders the statements of a template, once. */
final class Interpreter implements Machine {
  private enum Flow {
    ON,
    BREAK,
    CONTINUE
  }

  private final Map<String, Function> filters;
  private final Map<String, Function> tests;
  private final Map<String, Object> context;
  private final Map<String, Object> set = new HashMap<>(); // by the template itself
  private final Supplier<LocalDateTime> clock;
  private final Budget budget;
  private final Evaluator evaluator;
  private final TurnMarks turns;
  private final List<Rendered.Span> generated = new ArrayList<>();
  private StringBuilder out = new StringBuilder();
  private final StringBuilder whole = out;
  private boolean marksEverything = true;

  /**
   * An interpreter for one rendering.
   *
   * @param context names that templates see, functions too
   * @param turns notes where turns are written
   */
  Interpreter(
      Map<String, Function> filters,
      Map<String, Function> tests,
      Map<String, Object> context,
      TurnMarks turns,
      Supplier<LocalDateTime> clock,
      Budget budget) {
    this.filters = filters;
    this.tests = tests;
    this.context = context;
    this.turns = turns;
    this.clock = clock;
    this.budget = budget;
    this.evaluator = new Evaluator(this);
  }

  /** Renders a template. */
  Rendered render(TemplateParser.Parsed template) {
    all(template.body(), new Scope(template.scope(), null, this::resolve, Map.of()));
    return new Rendered(
        whole.toString(),
        marksEverything ? List.copyOf(generated) : List.of(),
        turns.spans(),
        turns.read());
  }

  private Object resolve(String name) {
    Object value = set.getOrDefault(name, Builtin.ABSENT);
    return value == Builtin.ABSENT ? context.getOrDefault(name, Builtin.ABSENT) : value;
  }

  private Scope inner(Symbols symbols, Scope scope, Map<String, Object> given) {
    return new Scope(symbols, scope, this::resolve, given);
  }

  private Flow all(List<Stmt> statements, Scope scope) {
    for (Stmt s : statements) {
      Flow flow;
      try {
        flow = one(s, scope);
      } catch (TemplateError e) {
        throw e.at(s.at());
      }
      if (flow != Flow.ON) {
        return flow;
      }
    }
    return Flow.ON;
  }

  private Flow one(Stmt statement, Scope scope) {
    budget.step();
    if (statement instanceof Stmt.Output s) {
      print(evaluator.value(s.value(), scope));
    } else if (statement instanceof Stmt.If s) {
      return conditional(s, scope);
    } else if (statement instanceof Stmt.For s) {
      return loop(s, scope);
    } else if (statement instanceof Stmt.Assign s) {
      requireNamespaces(s.target(), scope);
      assign(s.target(), evaluator.value(s.value(), scope), scope);
    } else if (statement instanceof Stmt.AssignBlock s) {
      return assignBlock(s, scope);
    } else if (statement instanceof Stmt.Macro s) {
      store(s.name(), new MacroValue(s, scope, this), scope);
    } else if (statement instanceof Stmt.CallBlock s) {
      MacroValue body = new MacroValue(s.caller(), scope, this);
      printText(evaluator.call(s.call(), body, scope));
    } else if (statement instanceof Stmt.FilterBlock s) {
      return filterBlock(s, scope);
    } else if (statement instanceof Stmt.With s) {
      return with(s, scope);
    } else if (statement instanceof Stmt.Block s) {
      all(s.body(), inner(s.scope(), null, Map.of()));
    } else if (statement instanceof Stmt.Generation s) {
      generation(s, scope);
    } else {
      return statement instanceof Stmt.Break ? Flow.BREAK : Flow.CONTINUE;
    }
    return Flow.ON;
  }

  private void print(Object value) {
    String text = PythonText.str(value, budget);
    budget.letters(text.length());
    out.append(text);
  }

  /** What a block gives must be a text already. */
  private void printText(Object value) {
    if (!Python.isText(value)) {
      throw TemplateError.type("a block gives a text, not " + Python.typeName(value));
    }
    print(value);
  }

  private void generation(Stmt.Generation s, Scope scope) {
    int from = out.length();
    // a marked part is the body of a call without arguments, as transformers has it
    Map<String, Object> given =
        Map.of(
            "kwargs", new Dict(),
            "varargs", Tuple.of(),
            "caller", Undefined.of("No caller defined"));
    all(s.body(), inner(s.scope(), scope, given));
    if (out == whole) {
      generated.add(new Rendered.Span(from, out.length()));
    } else {
      marksEverything = false; // where this text will stand is not known
    }
  }

  private Flow conditional(Stmt.If s, Scope scope) {
    for (int i = 0; i < s.tests().size(); i++) {
      if (Python.truth(evaluator.value(s.tests().get(i), scope))) {
        return all(s.bodies().get(i), scope);
      }
    }
    return all(s.otherwise(), scope);
  }

  /** Renders into a text of its own; null if a loop around is to be left or to go on. */
  private String captured(List<Stmt> body, Scope scope, Flow[] flow) {
    StringBuilder outer = out;
    out = new StringBuilder();
    try {
      flow[0] = all(body, scope);
      return out.toString();
    } finally {
      out = outer;
    }
  }

  private Flow assignBlock(Stmt.AssignBlock s, Scope scope) {
    Scope inner = inner(s.scope(), scope, Map.of());
    Flow[] flow = new Flow[1];
    Object value = captured(s.body(), inner, flow);
    if (flow[0] == Flow.ON) {
      if (s.filter() != null) {
        value = filtered(s.filter(), value, inner);
      }
      assign(s.target(), value, scope);
    }
    return flow[0];
  }

  private Flow filterBlock(Stmt.FilterBlock s, Scope scope) {
    Scope inner = inner(s.scope(), scope, Map.of());
    Flow[] flow = new Flow[1];
    String text = captured(s.body(), inner, flow);
    if (flow[0] == Flow.ON) {
      printText(filtered(s.filter(), text, inner));
    }
    return flow[0];
  }

  /** A chain of filters over a text that a block rendered. */
  private Object filtered(Expr chain, Object text, Scope scope) {
    Expr.Filter f = (Expr.Filter) chain;
    Object of = f.of() == null ? text : filtered(f.of(), text, scope);
    return evaluator.filter(f, of, scope);
  }

  private Flow with(Stmt.With s, Scope scope) {
    Scope inner = inner(s.scope(), scope, Map.of());
    for (int i = 0; i < s.targets().size(); i++) {
      assign(s.targets().get(i), evaluator.value(s.values().get(i), scope), inner);
    }
    return all(s.body(), inner);
  }

  private void store(String name, Object value, Scope scope) {
    scope.set(name, value);
    if (scope.isOutermost()) {
      set.put(name, value);
    }
  }

  private static void requireNamespaces(Expr target, Scope scope) {
    Expressions.forEach(
        target,
        e -> {
          if (e instanceof Expr.NamespaceRef n) {
            namespace(n, scope);
          }
        });
  }

  private static Namespace namespace(Expr.NamespaceRef n, Scope scope) {
    if (scope.get(n.name()) instanceof Namespace found) {
      return found;
    }
    throw new TemplateError(
            TemplateError.Kind.OTHER,
            "'" + n.name() + "' is no namespace: its attributes cannot be set")
        .at(n.at());
  }

  private void assign(Expr target, Object value, Scope scope) {
    if (target instanceof Expr.Name n) {
      store(n.name(), value, scope);
    } else if (target instanceof Expr.NamespaceRef n) {
      namespace(n, scope).set(n.attribute(), value);
    } else if (target instanceof Expr.TupleOf t) {
      List<Object> items = unpacked(value, t.items().size());
      for (int i = 0; i < items.size(); i++) {
        assign(t.items().get(i), items.get(i), scope);
      }
    }
  }

  private List<Object> unpacked(Object value, int count) {
    if (!Python.isIterable(value)) {
      throw TemplateError.type("cannot unpack non-iterable " + Python.typeName(value) + " object");
    }
    List<Object> items = Python.list(value, budget);
    if (items.size() != count) {
      throw TemplateError.value(
          "there are " + items.size() + " values where " + count + " names are assigned to");
    }
    return items;
  }

  private Flow loop(Stmt.For s, Scope scope) {
    Object items = evaluator.value(s.items(), scope);
    if (s.recursive()) {
      print(recursion(s, scope, items, 0));
      return Flow.ON;
    }
    return rounds(s, scope, new LoopState(kept(s, items, scope), budget, 0, null));
  }

  /** A recursive loop's text, and that of what it calls itself for. */
  private Object recursion(Stmt.For s, Scope scope, Object items, int depth) {
    budget.enter();
    StringBuilder outer = out;
    out = new StringBuilder();
    try {
      LoopState state =
          new LoopState(
              kept(s, items, scope), budget, depth, more -> recursion(s, scope, more, depth + 1));
      rounds(s, scope, state);
      return out.toString();
    } finally {
      out = outer;
      budget.leave();
    }
  }

  private Flow rounds(Stmt.For s, Scope scope, LoopState state) {
    boolean ended = false; // whether some round came to its end: an 'else' is for when none did
    while (state.hasNext()) {
      Object item = state.next();
      Scope round = inner(s.scope(), scope, Map.of("loop", state));
      assign(s.target(), item, round);
      boolean marked = out == whole && turns.begin(item);
      int from = out.length();
      Flow flow = all(s.body(), round);
      if (marked) {
        turns.end(item, from, out.length());
      }
      if (flow == Flow.BREAK) {
        break;
      }
      ended |= flow == Flow.ON;
    }
    return ended || s.otherwise().isEmpty()
        ? Flow.ON
        : all(s.otherwise(), inner(s.elseScope(), scope, Map.of()));
  }

  /** The items that a loop's own condition keeps. */
  private Object kept(Stmt.For s, Object items, Scope scope) {
    if (s.test() == null) {
      return items;
    }
    Iterator<Object> all = Python.iterator(items);
    return new Lazy(
        () -> {
          Scope testScope = inner(s.testScope(), scope, Map.of());
          return new ChosenItems(all, item -> keptItem(s, item, testScope));
        });
  }

  private Object keptItem(Stmt.For s, Object item, Scope testScope) {
    assign(s.target(), item, testScope);
    if (!Python.truth(evaluator.value(s.test(), testScope))) {
      return Builtin.ABSENT;
    }
    return s.target() instanceof Expr.TupleOf t
        ? new Tuple(unpacked(item, t.items().size()))
        : item;
  }

  /** What a macro renders with these arguments. */
  String rendered(Stmt.Macro macro, Scope scope, Map<String, Object> given) {
    budget.enter();
    try {
      Scope inner = inner(macro.scope(), scope, given);
      int first = macro.parameters().size() - macro.defaults().size();
      for (int i = 0; i < macro.parameters().size(); i++) {
        String parameter = macro.parameters().get(i);
        if (given.getOrDefault(parameter, Builtin.ABSENT) == Builtin.ABSENT) {
          Object value =
              i < first
                  ? Undefined.of("parameter '" + parameter + "' was not provided")
                  : evaluator.value(macro.defaults().get(i - first), inner);
          inner.set(parameter, value);
        }
      }
      return captured(macro.body(), inner, new Flow[1]);
    } finally {
      budget.leave();
    }
  }

  @Override
  public Budget budget() {
    return budget;
  }

  @Override
  public LocalDateTime now() {
    return clock.get();
  }

  @Override
  public Object call(Object function, List<Object> positional, Map<String, Object> named) {
    budget.step();
    if (function instanceof Function f) {
      return f.call(this, positional, named);
    }
    if (function instanceof Undefined u) {
      throw u.error();
    }
    throw TemplateError.type("'" + Python.typeName(function) + "' object is not callable");
  }

  @Override
  public Object filter(String name, List<Object> positional, Map<String, Object> named) {
    Function filter = filters.get(name);
    if (filter == null) {
      throw new TemplateError(TemplateError.Kind.OTHER, "no filter is named '" + name + "'");
    }
    budget.step();
    return filter.call(this, positional, named);
  }

  @Override
  public boolean test(String name, List<Object> positional, Map<String, Object> named) {
    Function test = tests.get(name);
    if (test == null) {
      throw new TemplateError(TemplateError.Kind.OTHER, "no test is named '" + name + "'");
    }
    budget.step();
    return Python.truth(test.call(this, positional, named));
  }

  @Override
  public boolean hasFilter(String name) {
    return filters.containsKey(name);
  }

  @Override
  public boolean hasTest(String name) {
    return tests.containsKey(name);
  }
}
