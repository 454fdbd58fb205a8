/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** All names, attributes and texts that a template's expressions have. */
final class TemplateNames {
  private final Set<String> names = new HashSet<>();

  private TemplateNames() {}

  static Set<String> of(List<Stmt> template) {
    TemplateNames all = new TemplateNames();
    template.forEach(s -> Statements.forEach(s, all::add));
    return all.names;
  }

  private void add(Stmt statement) {
    for (Expr e : Statements.expressions(statement)) {
      Expressions.forEach(e, this::add);
    }
  }

  private void add(Expr e) {
    if (e instanceof Expr.Name n) {
      names.add(n.name());
    } else if (e instanceof Expr.Attribute a) {
      names.add(a.name());
    } else if (e instanceof Expr.Const c && c.at() >= 0 && c.value() instanceof String s) {
      names.add(s);
    }
  }
}
