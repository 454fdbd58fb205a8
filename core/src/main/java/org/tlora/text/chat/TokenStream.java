/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.List;

/** Tokens that are looked at and taken in order. */
final class TokenStream {
  private static final int DEPTH = 300;

  private final List<Token> tokens;
  private int next;
  private int depth;

  TokenStream(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token peek() {
    return tokens.get(next);
  }

  /** The token behind the next one. */
  Token peekSecond() {
    return tokens.get(Math.min(next + 1, tokens.size() - 1));
  }

  Token take() {
    Token token = peek();
    if (token.kind() != Token.Kind.END) {
      next++;
    }
    return token;
  }

  int at() {
    return peek().at();
  }

  boolean isOperator(String operator) {
    return peek().isOperator(operator);
  }

  boolean isName(String name) {
    return peek().isName(name);
  }

  boolean takesOperator(String operator) {
    boolean is = isOperator(operator);
    if (is) {
      take();
    }
    return is;
  }

  boolean takesName(String name) {
    boolean is = isName(name);
    if (is) {
      take();
    }
    return is;
  }

  void requireOperator(String operator) {
    if (!takesOperator(operator)) {
      throw expected("'" + operator + "'");
    }
  }

  void requireName(String name) {
    if (!takesName(name)) {
      throw expected("'" + name + "'");
    }
  }

  Token require(Token.Kind kind, String what) {
    if (peek().kind() != kind) {
      throw expected(what);
    }
    return take();
  }

  String requireAnyName() {
    return (String) require(Token.Kind.NAME, "a name").value();
  }

  TemplateError expected(String what) {
    return TemplateError.syntax("expected " + what + ", not " + peek().description(), at());
  }

  /** Something nested begins; whoever calls this calls {@link #leave} at its end. */
  void enter() {
    if (++depth > DEPTH) {
      throw TemplateError.syntax("nested more than " + DEPTH + " deep", at());
    }
  }

  void leave() {
    depth--;
  }
}
