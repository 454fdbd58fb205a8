/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.toolcall;

import static org.tlora.constrain.Grammar.row;
import static org.tlora.constrain.Grammar.text;

import java.util.ArrayList;
import java.util.List;
import org.tlora.constrain.Grammar;
import org.tlora.generate.ToolCall;

/** An answer that is nothing but calls, as Llama 3 writes them: objects with semicolons between. */
final class BareCalls implements ToolCallFormat {
  private static final String PYTHON_TAG = "<|python_tag|>";

  private final String arguments;

  BareCalls(String arguments) {
    this.arguments = arguments;
  }

  @Override
  public String opening() {
    return "";
  }

  @Override
  public Parsed parse(String text) {
    String all = text.strip();
    if (all.startsWith(PYTHON_TAG)) {
      all = all.substring(PYTHON_TAG.length());
    }
    List<ToolCall> calls = new ArrayList<>();
    for (String one : atSemicolons(all)) {
      List<ToolCall> own = CalledTools.read(one.strip(), arguments);
      if (own == null) {
        return new Parsed(text, List.of());
      }
      calls.addAll(own);
    }
    return new Parsed("", calls);
  }

  /** Parts between semicolons that stand in no string. */
  private static List<String> atSemicolons(String text) {
    List<String> parts = new ArrayList<>();
    boolean quoted = false;
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted && c == '\\') {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ';' && !quoted) {
        parts.add(text.substring(from, i));
        from = i + 1;
      }
    }
    parts.add(text.substring(from));
    return parts;
  }

  @Override
  public Grammar grammar(List<Tool> tools, boolean many) {
    Grammar grammar = new Grammar();
    List<Grammar.Element> one = CalledTools.object(grammar, tools, arguments);
    List<Grammar.Element> more = many ? List.of(grammar.repeated(row(text("; "), one))) : List.of();
    grammar.define(grammar.start(), List.of(row(one, more)));
    return grammar;
  }
}
