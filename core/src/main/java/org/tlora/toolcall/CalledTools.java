/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.toolcall;

import static org.tlora.constrain.Grammar.row;
import static org.tlora.constrain.Grammar.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.tlora.constrain.Grammar;
import org.tlora.constrain.Grammar.Element;
import org.tlora.constrain.SchemaGrammar;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.generate.ToolCall;

/** Calls as objects with a name and arguments, which most formats have in common. */
final class CalledTools {
  private CalledTools() {}

  /**
   * The calls of a text: JSON objects, or a list of them; null if it is anything else.
   *
   * @param arguments the field of the arguments
   */
  static List<ToolCall> read(String text, String arguments) {
    JsonNode value;
    try {
      value = Json.parse(text, "a call");
    } catch (InputFault e) {
      return null;
    }
    List<ToolCall> calls = new ArrayList<>();
    for (JsonNode call : value.isArray() ? value : List.of(value)) {
      ToolCall read = call(call, arguments);
      if (read == null) {
        return null;
      }
      calls.add(read);
    }
    return calls;
  }

  private static ToolCall call(JsonNode call, String arguments) {
    JsonNode given = call.path(arguments);
    String name = call.path("name").asText();
    if (given.isTextual()) { // some write them as a text
      try {
        given = Json.parse(given.asText(), "arguments");
      } catch (InputFault e) {
        return null;
      }
    }
    return name.isEmpty() || !(given instanceof ObjectNode all)
        ? null
        : new ToolCall(name, Json.compact(all));
  }

  /** An object of any of the tools. */
  static List<Element> object(Grammar grammar, List<Tool> tools, String arguments) {
    List<List<Element>> all = new ArrayList<>();
    for (Tool tool : tools) {
      all.add(
          row(
              text("{\"name\": " + Json.quoted(tool.name()) + ", \"" + arguments + "\": "),
              List.of(SchemaGrammar.within(grammar, tool.parameters())),
              text("}")));
    }
    return List.of(grammar.any(all));
  }
}
