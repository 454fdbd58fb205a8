/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.List;
import java.util.Set;

/** A statement of a template; {@code at} is its offset in the source. */
sealed interface Stmt {
  int at();

  record Output(Expr value, int at) implements Stmt {}

  /**
   * {@code if}.
   *
   * @param tests one for each of {@code bodies}
   * @param otherwise may be empty
   */
  record If(List<Expr> tests, List<List<Stmt>> bodies, List<Stmt> otherwise, int at)
      implements Stmt {}

  /**
   * {@code for}.
   *
   * @param test keeps items, or null
   * @param scope the loop's body
   * @param testScope where {@code test} is evaluated
   */
  record For(
      Expr target,
      Expr items,
      Expr test,
      boolean recursive,
      List<Stmt> body,
      List<Stmt> otherwise,
      Symbols scope,
      Symbols testScope,
      Symbols elseScope,
      int at)
      implements Stmt {}

  /**
   * A macro, or the body of a call block, whose name is null.
   *
   * @param defaults of the last parameters
   * @param special which of caller, kwargs and varargs its body uses without declaring them
   */
  record Macro(
      String name,
      List<String> parameters,
      List<Expr> defaults,
      List<Stmt> body,
      Set<String> special,
      Symbols scope,
      int at)
      implements Stmt {}

  /** {@code {% call %}}. */
  record CallBlock(Macro caller, Expr.Call call, int at) implements Stmt {}

  /** {@code {% filter %}}. */
  record FilterBlock(Expr filter, List<Stmt> body, Symbols scope, int at) implements Stmt {}

  record With(List<Expr> targets, List<Expr> values, List<Stmt> body, Symbols scope, int at)
      implements Stmt {}

  record Assign(Expr target, Expr value, int at) implements Stmt {}

  /** {@code {% set x %}}; {@code filter} may be null. */
  record AssignBlock(Expr target, Expr filter, List<Stmt> body, Symbols scope, int at)
      implements Stmt {}

  /** {@code {% block %}}, which no other template replaces here. */
  record Block(String name, List<Stmt> body, Symbols scope, int at) implements Stmt {}

  /** {@code {% generation %}}: what the assistant says. */
  record Generation(List<Stmt> body, Symbols scope, int at) implements Stmt {}

  record Break(int at) implements Stmt {}

  record Continue(int at) implements Stmt {}
}
