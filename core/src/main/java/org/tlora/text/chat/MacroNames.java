/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Which of the names that every macro may use without declaring them its body does use. */
final class MacroNames {
  private static final List<String> SPECIAL = List.of("caller", "kwargs", "varargs");

  private final Set<String> open = new LinkedHashSet<>(SPECIAL);
  private final Set<String> used = new LinkedHashSet<>();

  private MacroNames() {}

  static Set<String> of(List<Stmt> body) {
    MacroNames names = new MacroNames();
    body.forEach(s -> Statements.forEach(s, names::look));
    return names.used;
  }

  /** A name that is set before it is used is another one. */
  private void look(Stmt statement) {
    for (Expr e : Statements.expressions(statement)) {
      Expressions.forEach(
          e,
          x -> {
            if (x instanceof Expr.Name n && open.contains(n.name())) {
              used.add(n.name());
            }
          });
    }
    for (Expr target : Statements.targets(statement)) {
      Expressions.forEach(
          target,
          x -> {
            if (x instanceof Expr.Name n) {
              open.remove(n.name());
            }
          });
    }
  }
}
