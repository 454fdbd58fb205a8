/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;

/**
 * Templates made at random, with what transformers makes of them ({@code interop/check-templates}
 * wrote both and compares more of them): equal, or both refuse.
 */
class DifferentialTest {
  @Test
  void randomTemplatesAreRenderedAsTransformersRendersThem() throws IOException {
    int equal = 0;
    int refused = 0;
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(
                    DifferentialTest.class.getResourceAsStream("/chat/differential.jsonl.gz")),
                StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        JsonNode c = Json.parse(line, "differential.jsonl");
        String source = c.get("template").asText();
        ChatTemplate template = new ChatTemplate(source, Map.of());
        ObjectNode values = (ObjectNode) c.get("values");
        if (c.has("text")) {
          assertEquals(c.get("text").asText(), template.render(values).text(), source);
          equal++;
        } else {
          assertThrows(InputFault.class, () -> template.render(values), source);
          refused++;
        }
      }
    }
    assertTrue(equal > 2000 && refused > 500, equal + " equal, " + refused + " refused");
  }
}
