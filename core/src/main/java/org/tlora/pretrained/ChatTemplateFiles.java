/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.format.OwnFiles;

/**
 * The chat templates of a directory by name. As transformers has it, files of their own come before
 * what the tokenizer's configuration says.
 */
record ChatTemplateFiles(Map<String, String> byName, Path where) {
  /** The template that transformers takes for conversations with tools. */
  static final String WITH_TOOLS = "tool_use";

  /** The file of the tokenizer's configuration. */
  static final String CONFIG = "tokenizer_config.json";

  static final String DEFAULT = "default";
  private static final String TEMPLATE = "chat_template";

  /**
   * Reads them.
   *
   * @param directory null: there is only the configuration
   * @throws InputFault if a file cannot be read
   */
  static ChatTemplateFiles of(Path directory, ObjectNode tokenizerConfig) {
    Map<String, String> all = new TreeMap<>();
    JsonNode template = tokenizerConfig.path(TEMPLATE);
    if (template.isTextual()) {
      all.put(DEFAULT, template.asText());
    }
    for (JsonNode named : template.isArray() ? template : List.<JsonNode>of()) {
      all.put(named.path("name").asText(), named.path("template").asText());
    }
    if (directory != null) {
      Path json = OwnFiles.of(directory, "chat_template.json");
      if (Files.exists(json)) {
        JsonNode own = Json.readObject(json).path(TEMPLATE);
        if (own.isTextual()) {
          all.put(DEFAULT, own.asText());
        }
      }
      put(OwnFiles.of(directory, "chat_template.jinja"), DEFAULT, all);
      Path more = OwnFiles.of(directory, AdditionalTemplates.FOLDER);
      put(OwnFiles.of(more, WITH_TOOLS + ".jinja"), WITH_TOOLS, all);
    }
    return new ChatTemplateFiles(all, directory);
  }

  /**
   * Those of a directory with what its own tokenizer_config.json says.
   *
   * @throws InputFault if a file cannot be read
   */
  static ChatTemplateFiles ofDirectory(Path directory) {
    return of(directory, tokenizerConfig(directory));
  }

  private static void put(Path file, String name, Map<String, String> all) {
    if (Files.exists(file)) {
      try {
        all.put(name, Files.readString(file));
      } catch (IOException e) {
        throw new InputFault(file + " cannot be read: " + Json.reason(e), e);
      }
    }
  }

  /** A directory's tokenizer_config.json, or an empty one. */
  static ObjectNode tokenizerConfig(Path directory) {
    return HubDirectory.companion(directory, CONFIG);
  }

  boolean isEmpty() {
    return byName.isEmpty();
  }

  /**
   * The default one, or null if there is none at all.
   *
   * @throws InputFault if there are others
   */
  String main() {
    if (byName.isEmpty() || byName.containsKey(DEFAULT)) {
      return byName.get(DEFAULT);
    }
    throw new InputFault(
        where
            + " has the chat templates "
            + String.join(", ", byName.keySet())
            + " and none of them is the default one");
  }

  /** The one for conversations with tools, or null. */
  String withTools() {
    return byName.get(WITH_TOOLS);
  }
}
