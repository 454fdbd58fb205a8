/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Parses expressions by how strongly operators bind (a Pratt parser). Jinja binds {@code ~} between
 * sums and products, powers from the left, and filters and tests to what is directly before them.
 */
final class ExpressionParser {
  private static final int OR = 1;
  private static final int AND = 2;
  private static final int NOT = 3;
  private static final int COMPARE = 4;
  private static final int SUM = 5;
  private static final int CONCAT = 6;
  private static final int PRODUCT = 7;
  private static final int POWER = 8;

  private static final Map<String, Integer> ARITHMETIC =
      Map.of(
          "+", SUM, "-", SUM, "*", PRODUCT, "/", PRODUCT, "//", PRODUCT, "%", PRODUCT, "**", POWER);

  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  private final TokenStream tokens;
  private final PipeParser pipes;

  ExpressionParser(TokenStream tokens) {
    this.tokens = tokens;
    this.pipes = new PipeParser(tokens, this);
  }

  /** A filter, behind its bar, and those that follow it. */
  Expr filterChain(Expr of) {
    return pipes.filterChain(of);
  }

  /** A whole expression. */
  Expr expression() {
    tokens.enter();
    try {
      int at = tokens.at();
      Expr value = binary(OR);
      while (tokens.takesName("if")) {
        Expr test = binary(OR);
        Expr otherwise = tokens.takesName("else") ? expression() : null;
        value = new Expr.Conditional(test, value, otherwise, at);
      }
      return value;
    } finally {
      tokens.leave();
    }
  }

  /** An expression that is no inline condition. */
  Expr withoutCondition() {
    return binary(OR);
  }

  /** Operators that bind at least that strongly, and their operands. */
  private Expr binary(int least) {
    tokens.enter();
    try {
      int at = tokens.at();
      if (least <= NOT && tokens.takesName("not")) {
        return rest(new Expr.Unary("not", binary(NOT), at), least, NOT, at);
      }
      return rest(unary(true), least, POWER, at);
    } finally {
      tokens.leave();
    }
  }

  /**
   * What follows an operand.
   *
   * @param most operators that bind more strongly cannot follow: {@code not a} has taken them
   */
  private Expr rest(Expr first, int least, int most, int at) {
    Expr left = first;
    while (true) {
      int strength = strength();
      if (strength < least || strength > most) {
        return left;
      }
      if (strength == COMPARE) {
        left = comparison(left, at);
      } else if (strength == CONCAT) {
        left = concat(left, at);
      } else if (strength == AND || strength == OR) {
        tokens.take();
        left = new Expr.Logical(strength == AND, left, binary(strength + 1), at);
      } else {
        String operator = (String) tokens.take().value();
        Expr right = strength == POWER ? unary(true) : binary(strength + 1);
        left =
            strength == POWER && ConstantNumbers.isNegative(left) && !ConstantNumbers.is(right)
                ? new Expr.Unary("-", new Expr.Binary(operator, negated(left), right, at), at)
                : new Expr.Binary(operator, left, right, at);
      }
    }
  }

  /** Without its sign: Jinja2 writes {@code (-2) ** x} to Python as {@code -2 ** x}. */
  private static Expr negated(Expr negative) {
    return new Expr.Unary("-", negative, negative.at());
  }

  /** How strongly the next token binds as an operator, or 0. */
  private int strength() {
    Token token = tokens.peek();
    if (token.kind() == Token.Kind.OPERATOR) {
      String operator = (String) token.value();
      if (COMPARISONS.contains(operator)) {
        return COMPARE;
      }
      return operator.equals("~") ? CONCAT : ARITHMETIC.getOrDefault(operator, 0);
    }
    if (token.isName("or")) {
      return OR;
    }
    if (token.isName("and")) {
      return AND;
    }
    boolean in = token.isName("in") || (token.isName("not") && tokens.peekSecond().isName("in"));
    return in ? COMPARE : 0;
  }

  private Expr comparison(Expr first, int at) {
    List<String> operators = new ArrayList<>();
    List<Expr> operands = new ArrayList<>(List.of(first));
    while (strength() == COMPARE) {
      String operator = (String) tokens.take().value();
      if (operator.equals("not")) {
        tokens.take();
        operator = "not in";
      }
      operators.add(operator);
      operands.add(binary(SUM));
    }
    return new Expr.Compare(operators, operands, at);
  }

  private Expr concat(Expr first, int at) {
    List<Expr> parts = new ArrayList<>(List.of(first));
    while (tokens.takesOperator("~")) {
      parts.add(binary(PRODUCT));
    }
    return new Expr.Concat(parts, at);
  }

  private Expr unary(boolean filtered) {
    tokens.enter();
    try {
      int at = tokens.at();
      Expr value;
      if (tokens.takesOperator("-")) {
        value = new Expr.Unary("-", unary(false), at);
      } else if (tokens.takesOperator("+")) {
        value = new Expr.Unary("+", unary(false), at);
      } else {
        value = primary(false);
      }
      value = postfix(value);
      return filtered ? pipes.all(value) : value;
    } finally {
      tokens.leave();
    }
  }

  /**
   * A name, a constant or something in brackets.
   *
   * @param namespaces whether {@code a.b} may be a target
   */
  Expr primary(boolean namespaces) {
    Token token = tokens.peek();
    switch (token.kind()) {
      case NAME -> {
        tokens.take();
        return name(token, namespaces);
      }
      case STRING -> {
        StringBuilder text = new StringBuilder();
        while (tokens.peek().kind() == Token.Kind.STRING) {
          text.append(tokens.take().value());
        }
        return new Expr.Const(text.toString(), token.at());
      }
      case NUMBER -> {
        tokens.take();
        return new Expr.Const(token.value(), token.at());
      }
      default -> {
        if (tokens.takesOperator("(")) {
          Expr value = tuple(true, true, null);
          tokens.requireOperator(")");
          return value;
        }
        if (tokens.takesOperator("[")) {
          return new Expr.ListOf(until("]"), token.at());
        }
        if (tokens.takesOperator("{")) {
          return dictionary(token.at());
        }
        throw tokens.expected("an expression");
      }
    }
  }

  private Expr name(Token token, boolean namespaces) {
    String name = (String) token.value();
    switch (name) {
      case "true", "True":
        return new Expr.Const(true, token.at());
      case "false", "False":
        return new Expr.Const(false, token.at());
      case "none", "None":
        return new Expr.Const(null, token.at());
      default:
        if (namespaces && tokens.takesOperator(".")) {
          return new Expr.NamespaceRef(name, tokens.requireAnyName(), token.at());
        }
        return new Expr.Name(name, token.at());
    }
  }

  /**
   * Expressions between commas: a tuple, or the one expression itself.
   *
   * @param inBrackets whether there may be none
   * @param end a name that ends them too, or null
   */
  Expr tuple(boolean inBrackets, boolean conditions, String end) {
    int at = tokens.at();
    List<Expr> items = new ArrayList<>();
    boolean several = false;
    while (!endsTuple(end)) {
      items.add(conditions ? expression() : withoutCondition());
      if (!tokens.takesOperator(",")) {
        break;
      }
      several = true;
    }
    if (!several && items.size() == 1) {
      return items.get(0);
    }
    if (items.isEmpty() && !several && !inBrackets) {
      throw tokens.expected("an expression");
    }
    return new Expr.TupleOf(items, at);
  }

  boolean endsTuple(String end) {
    Token.Kind kind = tokens.peek().kind();
    return kind == Token.Kind.VARIABLE_END
        || kind == Token.Kind.BLOCK_END
        || tokens.isOperator(")")
        || (end != null && tokens.isName(end));
  }

  private List<Expr> until(String bracket) {
    List<Expr> items = new ArrayList<>();
    while (!tokens.isOperator(bracket)) {
      if (!items.isEmpty()) {
        tokens.requireOperator(",");
        if (tokens.isOperator(bracket)) {
          break;
        }
      }
      items.add(expression());
    }
    tokens.take();
    return items;
  }

  private Expr dictionary(int at) {
    List<Expr> keys = new ArrayList<>();
    List<Expr> values = new ArrayList<>();
    while (!tokens.isOperator("}")) {
      if (!keys.isEmpty()) {
        tokens.requireOperator(",");
        if (tokens.isOperator("}")) {
          break;
        }
      }
      keys.add(expression());
      tokens.requireOperator(":");
      values.add(expression());
    }
    tokens.take();
    return new Expr.DictOf(keys, values, at);
  }

  /** Attributes, items and calls behind a value. */
  Expr postfix(Expr first) {
    Expr value = first;
    while (true) {
      int at = tokens.at();
      if (tokens.takesOperator(".")) {
        value = member(value, at);
      } else if (tokens.takesOperator("[")) {
        value = new Expr.Item(value, subscript(at), at);
      } else if (tokens.isOperator("(")) {
        value = new Expr.Call(value, pipes.arguments(), at);
      } else {
        return value;
      }
    }
  }

  private Expr member(Expr of, int at) {
    Token token = tokens.take();
    if (token.kind() == Token.Kind.NAME) {
      return new Expr.Attribute(of, (String) token.value(), at);
    }
    if (token.kind() == Token.Kind.NUMBER && token.value() instanceof java.math.BigInteger) {
      return new Expr.Item(of, new Expr.Const(token.value(), token.at()), at);
    }
    throw TemplateError.syntax("expected a name or a number behind '.'", token.at());
  }

  private Expr subscript(int at) {
    List<Expr> keys = new ArrayList<>();
    while (!tokens.isOperator("]")) {
      if (!keys.isEmpty()) {
        tokens.requireOperator(",");
      }
      keys.add(keyOrSlice());
    }
    tokens.take();
    return keys.size() == 1 ? keys.get(0) : new Expr.TupleOf(keys, at);
  }

  private Expr keyOrSlice() {
    int at = tokens.at();
    Expr start = null;
    if (!tokens.isOperator(":")) {
      start = expression();
      if (!tokens.isOperator(":")) {
        return start;
      }
    }
    tokens.take();
    Expr stop = endsSlice() || tokens.isOperator(":") ? null : expression();
    Expr step = null;
    if (tokens.takesOperator(":")) {
      step = endsSlice() ? null : expression();
    }
    return new Expr.Slice(start, stop, step, at);
  }

  private boolean endsSlice() {
    return tokens.isOperator("]") || tokens.isOperator(",");
  }
}
