/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

/** What {@code namespace()} makes: attributes that can be set from any scope. */
final class Namespace {
  private final Dict attributes = new Dict();

  Dict attributes() {
    return attributes;
  }

  /** Sets an attribute, as transformers allows it. */
  void set(Object name, Object value) {
    if (name instanceof String s && s.startsWith("_")) {
      throw new TemplateError(
          TemplateError.Kind.SECURITY,
          "'" + s + "' cannot be stored in a namespace: its name begins with an underscore");
    }
    attributes.put(name, value);
  }
}
