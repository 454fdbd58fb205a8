/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.toolcall;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.List;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;

/**
 * A function that a model may call.
 *
 * @param name what calls name
 * @param parameters a JSON Schema of an object
 */
public record Tool(String name, JsonNode parameters) {
  private static final String FUNCTION = "function";

  /**
   * The functions of a list as OpenAI has it: objects of type {@code function}.
   *
   * @throws InputFault if something of it is none, or has no name
   */
  public static List<Tool> of(ArrayNode tools) {
    List<Tool> all = new ArrayList<>();
    for (int i = 0; i < tools.size(); i++) {
      JsonNode function = tools.get(i).path(FUNCTION);
      JsonNode name = function.path("name");
      if (!tools.get(i).path("type").asText(FUNCTION).equals(FUNCTION)
          || !name.isTextual()
          || name.asText().isEmpty()) {
        throw new InputFault(
            "tool " + (i + 1) + " must be of type function, and its function have a name");
      }
      JsonNode parameters = function.path("parameters");
      if (parameters.isMissingNode() || parameters.isNull()) {
        parameters = Json.object().put("type", "object");
      } else if (!parameters.isObject()) {
        throw new InputFault("the parameters of tool " + (i + 1) + " must be a JSON Schema");
      }
      all.add(new Tool(name.asText(), parameters));
    }
    return all;
  }
}
