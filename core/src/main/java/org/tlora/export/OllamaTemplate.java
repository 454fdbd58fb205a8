/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.export;

/** Writes a chat template in Ollama's form, which is one of Go's text/template. */
final class OllamaTemplate {
  private OllamaTemplate() {}

  /**
   * The template: a loop over messages with the texts around turns. System messages are gathered in
   * {@code .System} by Ollama; the last message, where it is an answer, is left open to go on with.
   */
  static String of(TurnFormat f) {
    StringBuilder t = new StringBuilder();
    t.append("{{ $first := true }}{{ range $i, $m := .Messages }}");
    t.append("{{ $last := eq (len (slice $.Messages $i)) 1 }}");
    t.append("{{ if eq $m.Role \"user\" }}");
    if (f.openingWithSystem() == null) {
      t.append(either("$first", f.opening(), f.question()));
    } else if (f.systemInLast()) {
      t.append(either("$first", f.opening(), f.question()));
      t.append("{{ if and $last $.System }}{{ $.System }}").append(text(f.behindSystem()));
      t.append("{{ end }}");
    } else {
      t.append("{{ if and $first $.System }}").append(text(f.openingWithSystem()));
      t.append("{{ $.System }}").append(text(f.behindSystem()));
      t.append("{{ else if $first }}").append(text(f.opening()));
      t.append("{{ else }}").append(text(f.question())).append("{{ end }}");
    }
    t.append("{{ $first = false }}{{ $m.Content }}").append(text(f.behindQuestion()));
    t.append("{{ if $last }}").append(text(f.prompt())).append("{{ end }}");
    t.append("{{ else if eq $m.Role \"assistant\" }}").append(text(f.answer()));
    t.append("{{ $m.Content }}{{ if not $last }}").append(text(f.behindAnswer()));
    return t.append("{{ end }}{{ end }}{{ end }}").toString();
  }

  private static String either(String condition, String yes, String no) {
    return "{{ if " + condition + " }}" + text(yes) + "{{ else }}" + text(no) + "{{ end }}";
  }

  /** Text outside of actions stands for itself but for what opens one. */
  private static String text(String literal) {
    return literal.replace("{{", "{{ \"{{\" }}");
  }
}
