/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

/** What is wrong with a template, or with a conversation for it; knows where once that is known. */
final class TemplateError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Python's and Jinja2's kinds of errors, as far as some of them are caught. */
  enum Kind {
    SYNTAX,
    UNDEFINED,
    TYPE,
    VALUE,
    LOOKUP,
    OVERFLOW,
    SECURITY,
    /** The template's own objection, by {@code raise_exception}. */
    RAISED,
    /** Too many steps, too much text, too deep. */
    BUDGET,
    OTHER
  }

  private final Kind kind;
  private int at = -1;

  TemplateError(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  static TemplateError syntax(String message, int at) {
    return new TemplateError(Kind.SYNTAX, message).at(at);
  }

  static TemplateError type(String message) {
    return new TemplateError(Kind.TYPE, message);
  }

  static TemplateError value(String message) {
    return new TemplateError(Kind.VALUE, message);
  }

  Kind kind() {
    return kind;
  }

  /** The offset in the template's source, or −1. */
  int at() {
    return at;
  }

  /** Says where, unless it is known more exactly already. */
  TemplateError at(int offset) {
    if (at < 0) {
      at = offset;
    }
    return this;
  }
}
