/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Parses statements, as Jinja2 with its loop controls and transformers' generation marks does. */
final class TemplateParser {
  /** What needs other templates, of which there are none. */
  private static final Set<String> OTHERS = Set.of("extends", "include", "import", "from");

  private final TokenStream tokens;
  private final ExpressionParser expressions;
  private Symbols scope = new Symbols(null);

  private TemplateParser(List<Token> tokens) {
    this.tokens = new TokenStream(tokens);
    this.expressions = new ExpressionParser(this.tokens);
  }

  /**
   * A template and its outermost scope.
   *
   * @param filters the names of filters that there are
   * @param tests the names of tests that there are
   * @throws TemplateError if Jinja2 would not compile it
   */
  static Parsed parse(String source, Set<String> filters, Set<String> tests) {
    TemplateParser parser = new TemplateParser(Lexer.tokens(source));
    List<Stmt> body = parser.statements(List.of());
    ScopeAnalysis.fill(body, parser.scope, filters, tests);
    return new Parsed(body, parser.scope);
  }

  /** What a template says. */
  record Parsed(List<Stmt> body, Symbols scope) {}

  /** Statements up to a tag that is one of {@code ends}, which is next then, or to the end. */
  private List<Stmt> statements(List<String> ends) {
    tokens.enter();
    List<Stmt> body = new ArrayList<>();
    while (true) {
      Token token = tokens.take();
      switch (token.kind()) {
        case DATA -> body.add(new Stmt.Output(new Expr.Const(token.value(), -1), token.at()));
        case VARIABLE_BEGIN -> {
          Expr value = expressions.tuple(false, true, null);
          tokens.require(Token.Kind.VARIABLE_END, "'}}'");
          body.add(new Stmt.Output(value, token.at()));
        }
        case BLOCK_BEGIN -> {
          if (tokens.peek().kind() == Token.Kind.NAME && ends.contains(tokens.peek().value())) {
            tokens.leave();
            return body;
          }
          body.addAll(statement());
          tokens.require(Token.Kind.BLOCK_END, "'%}'");
        }
        default -> {
          if (!ends.isEmpty()) {
            throw TemplateError.syntax(
                "the template ends where there must be '" + String.join("' or '", ends) + "'",
                token.at());
          }
          tokens.leave();
          return body;
        }
      }
    }
  }

  /** A body in a scope of its own, up to its end, which is taken. */
  private List<Stmt> body(Symbols inner, String end) {
    List<Stmt> body = bodyUpTo(inner, List.of(end));
    tokens.take();
    return body;
  }

  private List<Stmt> bodyUpTo(Symbols inner, List<String> ends) {
    Symbols outer = scope;
    scope = inner;
    List<Stmt> body = upTo(ends);
    scope = outer;
    return body;
  }

  private List<Stmt> upTo(List<String> ends) {
    tokens.takesOperator(":");
    tokens.require(Token.Kind.BLOCK_END, "'%}'");
    return statements(ends);
  }

  private List<Stmt> statement() {
    Token tag = tokens.require(Token.Kind.NAME, "the name of a tag");
    int at = tag.at();
    String name = (String) tag.value();
    if (OTHERS.contains(name)) {
      throw TemplateError.syntax("'" + name + "' needs another template, and there is none", at);
    }
    return switch (name) {
      case "if" -> List.of(parseIf(at));
      case "for" -> List.of(parseFor(at));
      case "set" -> List.of(parseSet(at));
      case "macro" -> List.of(parseMacro(at));
      case "call" -> List.of(parseCall(at));
      case "filter" -> List.of(parseFilter(at));
      case "with" -> List.of(parseWith(at));
      case "print" -> parsePrint();
      case "block" -> List.of(parseBlock(at));
      case "generation" -> {
        Symbols inner = new Symbols(scope);
        yield List.of(new Stmt.Generation(body(inner, "endgeneration"), inner, at));
      }
      case "break" -> List.of(new Stmt.Break(at));
      case "continue" -> List.of(new Stmt.Continue(at));
      case "autoescape" ->
          throw TemplateError.syntax("'autoescape' is not supported in chat templates", at);
      default -> throw TemplateError.syntax("unknown tag '" + name + "'", at);
    };
  }

  private Stmt parseIf(int at) {
    List<Expr> tests = new ArrayList<>();
    List<List<Stmt>> bodies = new ArrayList<>();
    List<Stmt> otherwise = List.of();
    while (true) {
      tests.add(expressions.tuple(false, false, null));
      bodies.add(upTo(List.of("elif", "else", "endif")));
      Token next = tokens.take();
      if (next.isName("elif")) {
        continue;
      }
      if (next.isName("else")) {
        otherwise = upTo(List.of("endif"));
        tokens.take();
      }
      return new Stmt.If(tests, bodies, otherwise, at);
    }
  }

  private Stmt parseFor(int at) {
    Expr target = target("in", false);
    tokens.requireName("in");
    Expr items = expressions.tuple(false, false, "recursive");
    Expr test = tokens.takesName("if") ? expressions.expression() : null;
    boolean recursive = tokens.takesName("recursive");
    Symbols inner = new Symbols(scope);
    Symbols elseScope = new Symbols(scope);
    List<Stmt> body = bodyUpTo(inner, List.of("endfor", "else"));
    List<Stmt> otherwise =
        tokens.take().isName("else") ? body(elseScope, "endfor") : List.<Stmt>of();
    return new Stmt.For(
        target, items, test, recursive, body, otherwise, inner, new Symbols(scope), elseScope, at);
  }

  private Stmt parseSet(int at) {
    Expr target = target(null, true);
    if (tokens.takesOperator("=")) {
      return new Stmt.Assign(target, expressions.tuple(false, true, null), at);
    }
    Expr filter = tokens.takesOperator("|") ? expressions.filterChain(null) : null;
    Symbols inner = new Symbols(scope);
    return new Stmt.AssignBlock(target, filter, body(inner, "endset"), inner, at);
  }

  /** A name, or several between commas, to assign to. */
  private Expr target(String end, boolean namespaces) {
    int at = tokens.at();
    List<Expr> items = new ArrayList<>();
    boolean several = false;
    while (!expressions.endsTuple(end)) {
      items.add(checkedTarget(expressions.primary(namespaces)));
      if (!tokens.takesOperator(",")) {
        break;
      }
      several = true;
    }
    if (items.isEmpty()) {
      throw tokens.expected("a name");
    }
    return several ? new Expr.TupleOf(items, at) : items.get(0);
  }

  private static Expr checkedTarget(Expr target) {
    if (target instanceof Expr.TupleOf t) {
      t.items().forEach(TemplateParser::checkedTarget);
    } else if (!(target instanceof Expr.Name) && !(target instanceof Expr.NamespaceRef)) {
      throw TemplateError.syntax("this cannot be assigned to", target.at());
    }
    return target;
  }

  private Stmt.Macro parseMacro(int at) {
    String name = tokens.requireAnyName();
    return macro(name, signature(), "endmacro", at);
  }

  private record Signature(List<String> parameters, List<Expr> defaults) {}

  private Signature signature() {
    List<String> parameters = new ArrayList<>();
    List<Expr> defaults = new ArrayList<>();
    tokens.requireOperator("(");
    while (!tokens.isOperator(")")) {
      if (!parameters.isEmpty()) {
        tokens.requireOperator(",");
      }
      int at = tokens.at();
      String name = tokens.requireAnyName();
      if (parameters.contains(name)) {
        throw TemplateError.syntax("parameter '" + name + "' is there twice", at);
      }
      parameters.add(name);
      if (tokens.takesOperator("=")) {
        defaults.add(expressions.expression());
      } else if (!defaults.isEmpty()) {
        throw TemplateError.syntax("a parameter without default follows one with it", at);
      }
    }
    tokens.take();
    return new Signature(parameters, defaults);
  }

  private Stmt.Macro macro(String name, Signature s, String end, int at) {
    Symbols inner = new Symbols(scope);
    List<Stmt> body = body(inner, end);
    return new Stmt.Macro(name, s.parameters(), s.defaults(), body, MacroNames.of(body), inner, at);
  }

  private Stmt parseCall(int at) {
    Signature s = tokens.isOperator("(") ? signature() : new Signature(List.of(), List.of());
    int callAt = tokens.at();
    if (!(expressions.expression() instanceof Expr.Call call)) {
      throw TemplateError.syntax("expected a call", callAt);
    }
    return new Stmt.CallBlock(macro(null, s, "endcall", at), call, at);
  }

  private Stmt parseFilter(int at) {
    Expr filter = expressions.filterChain(null);
    Symbols inner = new Symbols(scope);
    return new Stmt.FilterBlock(filter, body(inner, "endfilter"), inner, at);
  }

  private Stmt parseWith(int at) {
    List<Expr> targets = new ArrayList<>();
    List<Expr> values = new ArrayList<>();
    while (tokens.peek().kind() != Token.Kind.BLOCK_END) {
      if (!targets.isEmpty()) {
        tokens.requireOperator(",");
      }
      targets.add(target(null, false));
      tokens.requireOperator("=");
      values.add(expressions.expression());
    }
    Symbols inner = new Symbols(scope);
    return new Stmt.With(targets, values, body(inner, "endwith"), inner, at);
  }

  private List<Stmt> parsePrint() {
    List<Stmt> outputs = new ArrayList<>();
    while (tokens.peek().kind() != Token.Kind.BLOCK_END) {
      if (!outputs.isEmpty()) {
        tokens.requireOperator(",");
      }
      int at = tokens.at();
      outputs.add(new Stmt.Output(expressions.expression(), at));
    }
    return outputs;
  }

  private Stmt parseBlock(int at) {
    String name = tokens.requireAnyName();
    if (tokens.takesName("scoped") || tokens.isName("required")) {
      throw TemplateError.syntax("blocks that are scoped or required are not supported", at);
    }
    Symbols inner = new Symbols(null);
    Stmt block = new Stmt.Block(name, body(inner, "endblock"), inner, at);
    tokens.takesName(name);
    return block;
  }
}
