/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.format.OwnFiles;

/** Chat templates that a model has beside the default one, by their names. */
public final class AdditionalTemplates {
  /** The folder of Hugging Face directories that has them. */
  public static final String FOLDER = "additional_chat_templates";

  private static final String ENDING = ".jinja";
  private static final String METADATA = "tokenizer.chat_template.";

  private AdditionalTemplates() {}

  /**
   * The default template that a directory has, which stands before all of these, or null.
   *
   * @throws InputFault if a file cannot be read
   */
  public static String defaultOf(Path directory) {
    return ChatTemplateFiles.ofDirectory(directory).byName().get(ChatTemplateFiles.DEFAULT);
  }

  /**
   * All of a model's: from the folder, tokenizer_config.json, or a GGUF file's metadata.
   *
   * @throws InputFault if a file cannot be read
   */
  public static Map<String, String> of(PretrainedModel base) {
    Map<String, String> named = new TreeMap<>();
    if (base.gguf() != null) {
      base.gguf()
          .metadata()
          .forEach(
              (key, value) -> {
                if (key.startsWith(METADATA) && value instanceof String source) {
                  named.put(key.substring(METADATA.length()), source);
                }
              });
      return named;
    }
    JsonNode list = base.tokenizerConfig().path("chat_template");
    for (JsonNode one : list.isArray() ? list : List.<JsonNode>of()) {
      if (!one.path("name").asText().equals("default")) {
        named.put(one.path("name").asText(), one.path("template").asText());
      }
    }
    Path folder = OwnFiles.of(base.path(), FOLDER);
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.filter(f -> f.toString().endsWith(ENDING)).toList()) {
          String name = String.valueOf(file.getFileName());
          named.put(
              name.substring(0, name.length() - ENDING.length()),
              Files.readString(OwnFiles.of(folder, name)));
        }
      } catch (IOException e) {
        throw new InputFault(folder + " cannot be read: " + Json.reason(e), e);
      }
    }
    return named;
  }
}
