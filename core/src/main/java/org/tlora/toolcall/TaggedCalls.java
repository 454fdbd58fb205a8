/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.toolcall;

import static org.tlora.constrain.Grammar.row;
import static org.tlora.constrain.Grammar.text;

import java.util.ArrayList;
import java.util.List;
import org.tlora.constrain.Grammar;
import org.tlora.constrain.Grammar.Element;
import org.tlora.generate.ToolCall;

/** Calls between marks, one object each or a list of them. */
final class TaggedCalls implements ToolCallFormat {
  private static final String ARGUMENTS = "arguments";

  private final String opening;
  private final String closing; // or empty: calls go on to the end
  private final boolean asList;

  TaggedCalls(String opening, String closing, boolean asList) {
    this.opening = opening;
    this.closing = closing;
    this.asList = asList;
  }

  @Override
  public String opening() {
    return opening;
  }

  @Override
  public Parsed parse(String text) {
    StringBuilder said = new StringBuilder();
    List<ToolCall> calls = new ArrayList<>();
    int from = 0;
    for (int at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, from)) {
      int start = at + opening.length();
      int end = closing.isEmpty() ? -1 : text.indexOf(closing, start);
      String inside = text.substring(start, end < 0 ? text.length() : end);
      List<ToolCall> own = CalledTools.read(inside.strip(), ARGUMENTS);
      int behind = end < 0 ? text.length() : end + closing.length();
      said.append(text, from, own == null ? behind : at);
      if (own != null) {
        calls.addAll(own);
      }
      from = behind;
    }
    said.append(text.substring(from));
    return new Parsed(calls.isEmpty() ? text : said.toString().strip(), calls);
  }

  @Override
  public Grammar grammar(List<Tool> tools, boolean many) {
    Grammar grammar = new Grammar();
    List<Element> one = CalledTools.object(grammar, tools, ARGUMENTS);
    List<Element> calls = one;
    if (asList) {
      List<Element> more = List.of(grammar.repeated(row(text(", "), one)));
      calls = row(text("["), one, many ? more : List.of(), text("]"));
    }
    List<Element> between = List.of(grammar.any(List.of(List.of(), text("\n"), text(" "))));
    grammar.define(
        grammar.start(),
        List.of(
            closing.isEmpty() ? row(between, calls) : row(between, calls, between, text(closing))));
    return grammar;
  }
}
