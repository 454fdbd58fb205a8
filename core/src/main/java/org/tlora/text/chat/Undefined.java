/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

/**
 * What a name or an attribute is that there is not: printed it is nothing, and most else that is
 * done with it is an error that names it.
 */
record Undefined(String message, TemplateError.Kind kind) {
  static Undefined of(String message) {
    return new Undefined(message, TemplateError.Kind.UNDEFINED);
  }

  static Undefined name(String name) {
    return of("'" + name + "' is undefined");
  }

  TemplateError error() {
    return new TemplateError(kind, message);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Undefined;
  }

  @Override
  public int hashCode() {
    return 1;
  }
}
