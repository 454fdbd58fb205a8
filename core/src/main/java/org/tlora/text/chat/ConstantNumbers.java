/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

/** Numbers that are known before a template is rendered: Jinja2 computes them then. */
final class ConstantNumbers {
  private ConstantNumbers() {}

  /** Whether an expression is made of constants alone. */
  static boolean is(Expr e) {
    return e instanceof Expr.Const
        || (e instanceof Expr.Unary u && is(u.operand()))
        || (e instanceof Expr.Binary b && is(b.left()) && is(b.right()));
  }

  /** Whether an expression of constants alone is a number below zero. */
  static boolean isNegative(Expr e) {
    try {
      Object value = is(e) ? value(e) : null;
      return value instanceof Double d
          ? d < 0 || 1 / d < 0
          : Python.isWhole(value) && Python.whole(value).signum() < 0;
    } catch (TemplateError error) {
      return false; // left to be found when it is rendered
    }
  }

  private static Object value(Expr e) {
    if (e instanceof Expr.Unary u) {
      Object operand = value(u.operand());
      return u.operator().equals("not")
          ? (Object) !Python.truth(operand)
          : Arithmetic.unary(u.operator().equals("-"), operand);
    }
    if (e instanceof Expr.Binary b) {
      return Arithmetic.binary(b.operator(), value(b.left()), value(b.right()), new Budget());
    }
    return ((Expr.Const) e).value();
  }
}
