/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.ArrayList;
import java.util.List;

/** Parses what stands behind a value: filters, tests and calls, with their arguments. */
final class PipeParser {
  private final TokenStream tokens;
  private final ExpressionParser expressions;

  PipeParser(TokenStream tokens, ExpressionParser expressions) {
    this.tokens = tokens;
    this.expressions = expressions;
  }

  /** Filters, tests and calls behind a value. */
  Expr all(Expr first) {
    Expr value = first;
    while (true) {
      if (tokens.takesOperator("|")) {
        value = filter(value);
      } else if (tokens.isName("is")) {
        value = test(value);
      } else if (tokens.isOperator("(")) {
        int at = tokens.at();
        value = new Expr.Call(value, arguments(), at);
      } else {
        return value;
      }
    }
  }

  /** A filter, behind its bar, and those that follow it. */
  Expr filterChain(Expr of) {
    Expr value = filter(of);
    while (tokens.takesOperator("|")) {
      value = filter(value);
    }
    return value;
  }

  private Expr filter(Expr of) {
    int at = tokens.at();
    String name = dotted();
    Expr.Arguments arguments = tokens.isOperator("(") ? arguments() : Expr.Arguments.NONE;
    return new Expr.Filter(of, name, arguments, at);
  }

  private String dotted() {
    StringBuilder name = new StringBuilder(tokens.requireAnyName());
    while (tokens.takesOperator(".")) {
      name.append('.').append(tokens.requireAnyName());
    }
    return name.toString();
  }

  private Expr test(Expr of) {
    int at = tokens.take().at();
    boolean negated = tokens.takesName("not");
    String name = dotted();
    Expr.Arguments arguments = Expr.Arguments.NONE;
    if (tokens.isOperator("(")) {
      arguments = arguments();
    } else if (beginsArgument()) {
      if (tokens.isName("is")) {
        throw TemplateError.syntax("tests cannot follow each other", tokens.at());
      }
      List<Expr> one = List.of(expressions.postfix(expressions.primary(false)));
      arguments = new Expr.Arguments(one, List.of(), List.of(), null, null);
    }
    Expr test = new Expr.Test(of, name, arguments, at);
    return negated ? new Expr.Unary("not", test, at) : test;
  }

  private boolean beginsArgument() {
    Token token = tokens.peek();
    return switch (token.kind()) {
      case NAME -> !token.isName("else") && !token.isName("or") && !token.isName("and");
      case STRING, NUMBER -> true;
      default -> token.isOperator("[") || token.isOperator("{");
    };
  }

  /** What stands between the brackets of a call. */
  Expr.Arguments arguments() {
    int at = tokens.at();
    tokens.requireOperator("(");
    List<Expr> positional = new ArrayList<>();
    List<String> names = new ArrayList<>();
    List<Expr> named = new ArrayList<>();
    Expr more = null;
    Expr moreNamed = null;
    boolean first = true;
    while (!tokens.isOperator(")")) {
      if (!first) {
        tokens.requireOperator(",");
        if (tokens.isOperator(")")) {
          break;
        }
      }
      first = false;
      boolean allowed;
      if (tokens.takesOperator("*")) {
        allowed = more == null && moreNamed == null;
        more = expressions.expression();
      } else if (tokens.takesOperator("**")) {
        allowed = moreNamed == null;
        moreNamed = expressions.expression();
      } else if (tokens.peek().kind() == Token.Kind.NAME && tokens.peekSecond().isOperator("=")) {
        allowed = moreNamed == null && !names.contains(tokens.peek().value());
        names.add((String) tokens.take().value());
        tokens.take();
        named.add(expressions.expression());
      } else {
        allowed = more == null && moreNamed == null && names.isEmpty();
        positional.add(expressions.expression());
      }
      if (!allowed) {
        throw TemplateError.syntax("arguments in an order that cannot be", at);
      }
    }
    tokens.take();
    return new Expr.Arguments(positional, names, named, more, moreNamed);
  }
}
