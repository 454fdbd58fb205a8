/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** JSON as the values that templates see. */
final class TemplateValues {
  private TemplateValues() {}

  static Object of(JsonNode json) {
    if (json == null || json.isNull() || json.isMissingNode()) {
      return null;
    } else if (json.isBoolean()) {
      return json.booleanValue();
    } else if (json.isIntegralNumber()) {
      return json.bigIntegerValue();
    } else if (json.isNumber()) {
      return json.doubleValue();
    } else if (json.isArray()) {
      List<Object> items = new ArrayList<>(json.size());
      json.forEach(i -> items.add(of(i)));
      return items;
    } else if (json.isObject()) {
      Dict d = new Dict();
      for (Map.Entry<String, JsonNode> e : json.properties()) {
        d.put(e.getKey(), of(e.getValue()));
      }
      return d;
    }
    return json.asText();
  }

  /** A turn: thoughts under each of the names that templates read, as transformers has it. */
  static Dict turn(ObjectNode fields) {
    JsonNode thoughts = null;
    for (String name : Message.THOUGHTS) {
      if (thoughts == null && fields.hasNonNull(name)) {
        thoughts = fields.get(name);
      }
    }
    Dict d = new Dict();
    if (thoughts != null) {
      d.put("thinking", of(thoughts));
    }
    d.putAll((Dict) of(fields));
    if (thoughts != null) {
      d.put("reasoning_content", of(thoughts));
    }
    return d;
  }
}
