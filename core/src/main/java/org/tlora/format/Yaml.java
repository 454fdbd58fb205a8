/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.format;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import org.tlora.fault.InputFault;

/** YAML texts that hold a mapping of names to values. */
public final class Yaml {
  private static final YAMLMapper MAPPER =
      YAMLMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .disable(YAMLGenerator.Feature.SPLIT_LINES)
          .build();

  private Yaml() {}

  /**
   * Parses a text that holds one mapping, or nothing.
   *
   * @param where names it in the message
   * @throws InputFault if it holds something else
   */
  public static ObjectNode parse(String yaml, String where) {
    try {
      JsonNode node = MAPPER.readTree(yaml);
      if (node instanceof ObjectNode object) {
        return object;
      }
      if (node == null || node.isMissingNode() || node.isNull()) {
        return Json.object();
      }
      throw new InputFault(where + " holds no mapping of names to values");
    } catch (JsonProcessingException e) {
      String reason = e.getOriginalMessage().replaceAll("\\s*\\R\\s*", " ");
      throw new InputFault(where + " is not valid YAML: " + reason, e);
    }
  }

  /** As YAML, with a line break at its end; nothing for nothing. */
  public static String write(ObjectNode mapping) {
    try {
      return mapping.isEmpty() ? "" : MAPPER.writeValueAsString(mapping);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
