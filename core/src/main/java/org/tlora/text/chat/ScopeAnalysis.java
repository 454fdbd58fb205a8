/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Fills in the {@link Symbols} of a template's scopes, and refuses what Jinja2 refuses before it
 * renders: filters and tests that there are not, outside of conditions; a loop's variable that is
 * set; {@code break} outside of a loop.
 */
final class ScopeAnalysis {
  private final Set<String> filters;
  private final Set<String> tests;
  private final Set<String> blocks = new HashSet<>();

  private ScopeAnalysis(Set<String> filters, Set<String> tests) {
    this.filters = filters;
    this.tests = tests;
  }

  /** What is known of the place of a statement: whether in a condition, whether in a loop. */
  private record Place(boolean soft, boolean loop) {
    Place hard() {
      return new Place(false, loop);
    }

    Place conditional() {
      return new Place(true, loop);
    }
  }

  /** Fills in the scope of a template, and all scopes within. */
  static void fill(List<Stmt> template, Symbols root, Set<String> filters, Set<String> tests) {
    new ScopeAnalysis(filters, tests).body(template, root, new Place(false, false));
  }

  /** Names that a statement of a scope loads and stores in that scope itself. */
  private void frame(Stmt statement, Symbols symbols) {
    if (statement instanceof Stmt.Output s) {
      names(s.value(), symbols);
    } else if (statement instanceof Stmt.If s) {
      frameIf(s, symbols);
    } else if (statement instanceof Stmt.For s) {
      names(s.items(), symbols);
    } else if (statement instanceof Stmt.Macro s) {
      symbols.store(s.name());
    } else if (statement instanceof Stmt.CallBlock s) {
      names(s.call(), symbols);
    } else if (statement instanceof Stmt.FilterBlock s) {
      names(s.filter(), symbols);
    } else if (statement instanceof Stmt.With s) {
      s.values().forEach(v -> names(v, symbols));
    } else if (statement instanceof Stmt.Assign s) {
      names(s.value(), symbols);
      targets(s.target(), symbols, false);
    } else if (statement instanceof Stmt.AssignBlock s) {
      targets(s.target(), symbols, false);
    }
  }

  private void frameIf(Stmt.If s, Symbols symbols) {
    names(s.tests().get(0), symbols);
    List<Symbols> branches = new ArrayList<>();
    Symbols first = symbols.branch();
    s.bodies().get(0).forEach(b -> frame(b, first));
    branches.add(first);
    Symbols others = symbols.branch();
    for (int i = 1; i < s.tests().size(); i++) {
      // each further branch is a condition of its own within this one
      names(s.tests().get(i), others);
      Symbols inner = others.branch();
      s.bodies().get(i).forEach(b -> frame(b, inner));
      others.merge(List.of(inner, others.branch(), others.branch()));
    }
    branches.add(others);
    Symbols last = symbols.branch();
    s.otherwise().forEach(b -> frame(b, last));
    branches.add(last);
    symbols.merge(branches);
  }

  private static void targets(Expr target, Symbols symbols, boolean parameters) {
    if (target instanceof Expr.Name n) {
      if (parameters) {
        symbols.parameter(n.name());
      } else {
        symbols.store(n.name());
      }
    } else if (target instanceof Expr.TupleOf t) {
      t.items().forEach(i -> targets(i, symbols, parameters));
    } else if (target instanceof Expr.NamespaceRef n) {
      symbols.load(n.name());
    }
  }

  private static void names(Expr expression, Symbols symbols) {
    Expressions.forEach(
        expression,
        e -> {
          if (e instanceof Expr.Name n) {
            symbols.load(n.name());
          }
        });
  }

  private void enterAll(List<Stmt> statements, Place place) {
    statements.forEach(s -> enter(s, place));
  }

  private void body(List<Stmt> statements, Symbols scope, Place place) {
    statements.forEach(s -> frame(s, scope));
    enterAll(statements, place);
  }

  /** Goes into the scopes that a statement opens, and checks its expressions. */
  private void enter(Stmt statement, Place place) {
    if (statement instanceof Stmt.Output s) {
      check(s.value(), place.soft());
    } else if (statement instanceof Stmt.If s) {
      s.tests().forEach(t -> check(t, true));
      s.bodies().forEach(b -> enterAll(b, place.conditional()));
      enterAll(s.otherwise(), place.conditional());
    } else if (statement instanceof Stmt.For s) {
      enterFor(s, place);
    } else if (statement instanceof Stmt.Macro s) {
      enterMacro(s);
    } else if (statement instanceof Stmt.CallBlock s) {
      enterMacro(s.caller());
      check(s.call(), place.soft());
    } else if (statement instanceof Stmt.FilterBlock s) {
      s.body().forEach(b -> frame(b, s.scope()));
      names(s.filter(), s.scope());
      enterAll(s.body(), place.hard());
      check(s.filter(), false);
    } else if (statement instanceof Stmt.With s) {
      s.values().forEach(v -> check(v, place.soft()));
      s.targets().forEach(t -> targets(t, s.scope(), true));
      body(s.body(), s.scope(), place.hard());
    } else if (statement instanceof Stmt.Assign s) {
      check(s.value(), place.soft());
    } else if (statement instanceof Stmt.AssignBlock s) {
      body(s.body(), s.scope(), place.hard());
      if (s.filter() != null) {
        check(s.filter(), false);
        requireKnown(s);
      }
    } else if (statement instanceof Stmt.Block s) {
      if (!blocks.add(s.name())) {
        throw TemplateError.syntax("block '" + s.name() + "' is there twice", s.at());
      }
      body(s.body(), s.scope(), new Place(false, false));
    } else if (statement instanceof Stmt.Generation s) {
      MacroNames.of(s.body()).forEach(s.scope()::parameter);
      body(s.body(), s.scope(), new Place(false, false));
    } else if (!place.loop()) { // break and continue
      throw TemplateError.syntax("there is no loop to leave or to go on with", statement.at());
    }
  }

  /** Jinja2 does not look at the arguments of a set block's filter for names. */
  private static void requireKnown(Stmt.AssignBlock s) {
    Expressions.forEach(
        s.filter(),
        e -> {
          if (e instanceof Expr.Name n && !s.scope().knows(n.name())) {
            throw TemplateError.syntax("'" + n.name() + "' is not known here", n.at());
          }
        });
  }

  private void enterFor(Stmt.For s, Place place) {
    if (setsLoop(s.target()) || s.body().stream().anyMatch(ScopeAnalysis::setsLoop)) {
      throw TemplateError.syntax("a loop's variable 'loop' cannot be set", s.at());
    }
    if (s.otherwise().stream().anyMatch(ScopeAnalysis::setsLoop)) {
      throw TemplateError.syntax("a loop's variable 'loop' cannot be set", s.at());
    }
    check(s.items(), place.soft());
    s.scope().parameter("loop");
    targets(s.target(), s.scope(), true);
    body(s.body(), s.scope(), new Place(false, true));
    if (s.test() != null) {
      targets(s.target(), s.testScope(), true);
      names(s.test(), s.testScope());
      check(s.test(), false);
    }
    // what a recursive loop does in its 'else' happens in a function of its own
    body(s.otherwise(), s.elseScope(), new Place(false, place.loop() && !s.recursive()));
  }

  private static boolean setsLoop(Expr target) {
    return (target instanceof Expr.Name n && n.name().equals("loop"))
        || (target instanceof Expr.TupleOf t
            && t.items().stream().anyMatch(ScopeAnalysis::setsLoop));
  }

  private static boolean setsLoop(Stmt statement) {
    boolean[] found = new boolean[1];
    Statements.forEach(
        statement,
        s -> {
          if (s instanceof Stmt.Assign a) {
            found[0] |= setsLoop(a.target());
          } else if (s instanceof Stmt.AssignBlock a) {
            found[0] |= setsLoop(a.target());
          } else if (s instanceof Stmt.For f) {
            found[0] |= setsLoop(f.target());
          }
        });
    return found[0];
  }

  private void enterMacro(Stmt.Macro s) {
    s.parameters().forEach(s.scope()::parameter);
    s.defaults().forEach(d -> names(d, s.scope()));
    for (String special : s.special()) {
      if (special.equals("caller") && s.parameters().contains("caller")) {
        int fromEnd = s.parameters().indexOf("caller") - s.parameters().size();
        if (-fromEnd > s.defaults().size()) {
          throw TemplateError.syntax("a parameter 'caller' needs a default", s.at());
        }
      } else if (!s.parameters().contains(special)) {
        s.scope().parameter(special);
      }
    }
    s.defaults().forEach(d -> check(d, false));
    body(s.body(), s.scope(), new Place(false, false));
  }

  private void check(Expr expression, boolean soft) {
    if (expression == null) {
      return;
    }
    if (!soft) {
      if (expression instanceof Expr.Filter f && !filters.contains(f.name())) {
        throw TemplateError.syntax("no filter is named '" + f.name() + "'", f.at());
      }
      if (expression instanceof Expr.Test t && !tests.contains(t.name())) {
        throw TemplateError.syntax("no test is named '" + t.name() + "'", t.at());
      }
    }
    boolean inner = soft || expression instanceof Expr.Conditional;
    Expressions.children(expression).forEach(c -> check(c, inner));
  }
}
