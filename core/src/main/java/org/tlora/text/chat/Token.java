/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

/**
 * A part of a template's source.
 *
 * @param value the text of names and data, what strings and numbers stand for, or an operator
 * @param at its offset in the source
 */
record Token(Kind kind, Object value, int at) {
  enum Kind {
    DATA,
    VARIABLE_BEGIN,
    VARIABLE_END,
    BLOCK_BEGIN,
    BLOCK_END,
    NAME,
    STRING,
    NUMBER,
    OPERATOR,
    END
  }

  boolean isName(String name) {
    return kind == Kind.NAME && value.equals(name);
  }

  boolean isOperator(String operator) {
    return kind == Kind.OPERATOR && value.equals(operator);
  }

  /** As messages call it. */
  String description() {
    return switch (kind) {
      case END -> "the end of the template";
      case VARIABLE_END -> "'}}'";
      case BLOCK_END -> "'%}'";
      case STRING -> "a text";
      case DATA -> "text of the template";
      default -> "'" + value + "'";
    };
  }
}
