package org.tlora.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.filter.Filter;
import java.util.Iterator;
import java.util.Map;

/** The filter {@code tojson}, written as Python's {@code json.dumps} writes. */
final class PythonJson implements Filter {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @Override
  public String getName() {
    return "tojson";
  }

  @Override
  public Object filter(Object value, JinjavaInterpreter interpreter, String... arguments) {
    return filter(value, interpreter, arguments, Map.of());
  }

  @Override
  public Object filter(
      Object value, JinjavaInterpreter interpreter, Object[] arguments, Map<String, Object> named) {
    Object indent = named.getOrDefault("indent", arguments.length > 0 ? arguments[0] : null);
    int width = indent == null ? -1 : Integer.parseInt(indent.toString());
    StringBuilder out = new StringBuilder();
    write(MAPPER.valueToTree(value), out, width, 0);
    return out.toString();
  }

  private static void write(JsonNode node, StringBuilder out, int width, int depth) {
    if (!node.isContainerNode() || node.isEmpty()) {
      out.append(node);
      return;
    }
    boolean object = node.isObject();
    out.append(object ? '{' : '[');
    Iterator<Map.Entry<String, JsonNode>> fields = node.properties().iterator();
    boolean first = true;
    for (JsonNode child : node) {
      if (!first) {
        out.append(width < 0 ? ", " : ",");
      }
      first = false;
      newLine(out, width, depth + 1);
      if (object) {
        out.append(MAPPER.getNodeFactory().textNode(fields.next().getKey())).append(": ");
      }
      write(child, out, width, depth + 1);
    }
    newLine(out, width, depth);
    out.append(object ? '}' : ']');
  }

  private static void newLine(StringBuilder out, int width, int depth) {
    if (width >= 0) {
      out.append('\n').append(" ".repeat(width * depth));
    }
  }
}
