/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

/** A text that counts as HTML: what is added to it is escaped. From {@code safe} and {@code e}. */
record Markup(String text) {
  /** A value as HTML. */
  static Markup escaped(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '>' -> out.append("&gt;");
        case '<' -> out.append("&lt;");
        case '\'' -> out.append("&#39;");
        case '"' -> out.append("&#34;");
        default -> out.append(c);
      }
    }
    return new Markup(out.toString());
  }

  @Override
  public String toString() {
    return text;
  }
}
