/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.List;

/** An expression of a template; {@code at} is its offset in the source. */
sealed interface Expr {
  int at();

  /** A constant, or text of the template itself. */
  record Const(Object value, int at) implements Expr {}

  record Name(String name, int at) implements Expr {}

  /** {@code name.attribute} as the target of an assignment. */
  record NamespaceRef(String name, String attribute, int at) implements Expr {}

  record TupleOf(List<Expr> items, int at) implements Expr {}

  record ListOf(List<Expr> items, int at) implements Expr {}

  record DictOf(List<Expr> keys, List<Expr> values, int at) implements Expr {}

  /** {@code not}, {@code -} or {@code +} before an operand. */
  record Unary(String operator, Expr operand, int at) implements Expr {}

  /** An operator of arithmetic between two operands. */
  record Binary(String operator, Expr left, Expr right, int at) implements Expr {}

  /** {@code and} or {@code or}: gives one of its sides. */
  record Logical(boolean and, Expr left, Expr right, int at) implements Expr {}

  /** {@code a < b <= c}: operators between operands, of which there is one more. */
  record Compare(List<String> operators, List<Expr> operands, int at) implements Expr {}

  /** {@code a ~ b}. */
  record Concat(List<Expr> parts, int at) implements Expr {}

  /** {@code then if test else otherwise}; {@code otherwise} may be null. */
  record Conditional(Expr test, Expr then, Expr otherwise, int at) implements Expr {}

  record Attribute(Expr of, String name, int at) implements Expr {}

  record Item(Expr of, Expr key, int at) implements Expr {}

  /** Any of the three may be null. */
  record Slice(Expr start, Expr stop, Expr step, int at) implements Expr {}

  record Call(Expr function, Arguments arguments, int at) implements Expr {}

  /** {@code of} is null where the value is what a block rendered. */
  record Filter(Expr of, String name, Arguments arguments, int at) implements Expr {}

  record Test(Expr of, String name, Arguments arguments, int at) implements Expr {}

  /**
   * What stands between the brackets of a call.
   *
   * @param names of the last values, in order
   * @param more a sequence of further positional arguments, or null
   * @param moreNamed a dictionary of further named arguments, or null
   */
  record Arguments(
      List<Expr> positional, List<String> names, List<Expr> named, Expr more, Expr moreNamed) {
    static final Arguments NONE = new Arguments(List.of(), List.of(), List.of(), null, null);
  }
}
