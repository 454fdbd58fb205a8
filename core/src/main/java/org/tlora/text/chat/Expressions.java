/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Goes through expressions. */
final class Expressions {
  private Expressions() {}

  /** An expression and all below it, in the order that they are written. */
  static void forEach(Expr expression, Consumer<Expr> seen) {
    if (expression != null) {
      seen.accept(expression);
      children(expression).forEach(c -> forEach(c, seen));
    }
  }

  /** What an expression is made of; may have nulls. */
  static List<Expr> children(Expr expression) {
    List<Expr> all = new ArrayList<>();
    if (expression instanceof Expr.TupleOf e) {
      all.addAll(e.items());
    } else if (expression instanceof Expr.ListOf e) {
      all.addAll(e.items());
    } else if (expression instanceof Expr.DictOf e) {
      for (int i = 0; i < e.keys().size(); i++) {
        all.add(e.keys().get(i));
        all.add(e.values().get(i));
      }
    } else if (expression instanceof Expr.Unary e) {
      all.add(e.operand());
    } else if (expression instanceof Expr.Binary e) {
      all.add(e.left());
      all.add(e.right());
    } else if (expression instanceof Expr.Logical e) {
      all.add(e.left());
      all.add(e.right());
    } else if (expression instanceof Expr.Compare e) {
      all.addAll(e.operands());
    } else if (expression instanceof Expr.Concat e) {
      all.addAll(e.parts());
    } else if (expression instanceof Expr.Conditional e) {
      all.add(e.test());
      all.add(e.then());
      all.add(e.otherwise());
    } else if (expression instanceof Expr.Attribute e) {
      all.add(e.of());
    } else if (expression instanceof Expr.Item e) {
      all.add(e.of());
      all.add(e.key());
    } else if (expression instanceof Expr.Slice e) {
      all.add(e.start());
      all.add(e.stop());
      all.add(e.step());
    } else if (expression instanceof Expr.Call e) {
      all.add(e.function());
      add(e.arguments(), all);
    } else if (expression instanceof Expr.Filter e) {
      all.add(e.of());
      add(e.arguments(), all);
    } else if (expression instanceof Expr.Test e) {
      all.add(e.of());
      add(e.arguments(), all);
    }
    return all;
  }

  private static void add(Expr.Arguments arguments, List<Expr> all) {
    all.addAll(arguments.positional());
    all.addAll(arguments.named());
    all.add(arguments.more());
    all.add(arguments.moreNamed());
  }
}
