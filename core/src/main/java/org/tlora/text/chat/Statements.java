/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Goes through statements. */
final class Statements {
  private Statements() {}

  /** A statement and all within it, in the order that they are written. */
  static void forEach(Stmt statement, Consumer<Stmt> seen) {
    seen.accept(statement);
    for (List<Stmt> body : bodies(statement)) {
      body.forEach(s -> forEach(s, seen));
    }
  }

  private static List<List<Stmt>> bodies(Stmt statement) {
    List<List<Stmt>> all = new ArrayList<>();
    if (statement instanceof Stmt.If s) {
      all.addAll(s.bodies());
      all.add(s.otherwise());
    } else if (statement instanceof Stmt.For s) {
      all.add(s.body());
      all.add(s.otherwise());
    } else if (statement instanceof Stmt.Macro s) {
      all.add(s.body());
    } else if (statement instanceof Stmt.CallBlock s) {
      all.add(s.caller().body());
    } else if (statement instanceof Stmt.FilterBlock s) {
      all.add(s.body());
    } else if (statement instanceof Stmt.With s) {
      all.add(s.body());
    } else if (statement instanceof Stmt.AssignBlock s) {
      all.add(s.body());
    } else if (statement instanceof Stmt.Generation s) {
      all.add(s.body());
    }
    return all;
  }

  /** The expressions of a statement itself. */
  static List<Expr> expressions(Stmt statement) {
    List<Expr> all = new ArrayList<>();
    if (statement instanceof Stmt.Output s) {
      all.add(s.value());
    } else if (statement instanceof Stmt.If s) {
      all.addAll(s.tests());
    } else if (statement instanceof Stmt.For s) {
      all.add(s.items());
      all.add(s.test());
    } else if (statement instanceof Stmt.Macro s) {
      all.addAll(s.defaults());
    } else if (statement instanceof Stmt.CallBlock s) {
      all.add(s.call());
      all.addAll(s.caller().defaults());
    } else if (statement instanceof Stmt.FilterBlock s) {
      all.add(s.filter());
    } else if (statement instanceof Stmt.With s) {
      all.addAll(s.values());
    } else if (statement instanceof Stmt.Assign s) {
      all.add(s.value());
    } else if (statement instanceof Stmt.AssignBlock s) {
      all.add(s.filter());
    }
    return all;
  }

  /** What a statement itself stores to. */
  static List<Expr> targets(Stmt statement) {
    if (statement instanceof Stmt.For s) {
      return List.of(s.target());
    } else if (statement instanceof Stmt.With s) {
      return s.targets();
    } else if (statement instanceof Stmt.Assign s) {
      return List.of(s.target());
    } else if (statement instanceof Stmt.AssignBlock s) {
      return List.of(s.target());
    }
    return List.of();
  }
}
