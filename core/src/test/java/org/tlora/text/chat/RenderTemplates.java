/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;

/**
 * Renders templates for {@code interop/check-templates}: lines of {@code {"id", "template",
 * "values"}} to lines of {@code {"id", "text"}} or {@code {"id", "error"}}.
 */
final class RenderTemplates {
  private RenderTemplates() {}

  public static void main(String[] files) throws IOException {
    try (BufferedReader in = Files.newBufferedReader(Path.of(files[0]));
        BufferedWriter out = Files.newBufferedWriter(Path.of(files[1]))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        JsonNode one = Json.parse(line, files[0]);
        ObjectNode result = Json.object();
        result.set("id", one.get("id"));
        try {
          ChatTemplate template = new ChatTemplate(one.get("template").asText(), Map.of());
          result.put("text", template.render((ObjectNode) one.get("values")).text());
        } catch (InputFault e) {
          result.put("error", e.getMessage());
        }
        out.write(Json.compact(result));
        out.newLine();
      }
    }
  }
}
