/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.share;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import org.tlora.format.Yaml;
import org.tlora.hub.UploadFile;

/**
 * Small files of a directory as others may have them. In configurations places of this machine are
 * replaced; what else holds any is refused.
 */
final class SharedTexts {
  /** Where a configuration says what a model was made from. */
  private static final Set<String> BASES =
      Set.of("base_model_name_or_path", "_name_or_path", "name_or_path", "model");

  private final PrivateText privately;
  private final String base; // or null
  private final Consumer<String> notes;

  /**
   * For a push.
   *
   * @param base what its base is called on the hub, or null
   * @param notes is told what is replaced
   */
  SharedTexts(PrivateText privately, String base, Consumer<String> notes) {
    this.privately = privately;
    this.base = base;
    this.notes = notes;
  }

  /** A configuration in JSON. */
  UploadFile json(Path file) {
    ObjectNode json = Json.readObject(file);
    ObjectNode other = json.deepCopy();
    replace(other, name(file));
    return json.equals(other) ? asItIs(name(file), file) : of(file, Json.pretty(other));
  }

  /** A run's options in YAML. */
  UploadFile yaml(Path file) {
    try {
      ObjectNode yaml = Yaml.parse(Files.readString(file), file.toString());
      ObjectNode other = yaml.deepCopy();
      replace(other, name(file));
      return yaml.equals(other) ? asItIs(name(file), file) : of(file, Yaml.write(other));
    } catch (IOException e) {
      throw cannotBeRead(file, e);
    }
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  private UploadFile of(Path file, String text) {
    requirePublic(name(file), text);
    return text(name(file), text);
  }

  /** A text that is made here. */
  static UploadFile text(String path, String text) {
    return UploadFile.of(path, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Any other file, looked through. */
  UploadFile asItIs(String path, Path file) {
    requirePublic(path, file);
    return UploadFile.of(path, file);
  }

  private void replace(ObjectNode object, String where) {
    for (String key : List.copyOf(names(object))) {
      JsonNode value = object.get(key);
      if (value.isTextual()) {
        object.set(key, replaced(value, key, where));
      } else if (value instanceof ArrayNode array) {
        for (int i = 0; i < array.size(); i++) {
          if (array.get(i).isTextual()) {
            array.set(i, replaced(array.get(i), key, where));
          }
        }
      }
    }
  }

  private static List<String> names(ObjectNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private JsonNode replaced(JsonNode value, String key, String where) {
    String text = value.asText();
    String other = PrivateText.withoutPassword(text);
    if (BASES.contains(key) && base != null) {
      other = base;
    } else if (PrivateText.isPlace(text)) {
      other = PrivateText.lastName(text);
    }
    if (other.equals(text)) {
      return value;
    }
    boolean secret = !other.equals(base) && !PrivateText.isPlace(text);
    notes.accept(where + ": " + key + (secret ? "" : " " + text) + " becomes " + other);
    return TextNode.valueOf(other);
  }

  /**
   * Makes sure that a text holds nothing of this machine.
   *
   * @throws UsageFault if it does
   */
  void requirePublic(String path, String text) {
    text.lines().forEach(line -> requirePublic(path, line, 0));
  }

  private void requirePublic(String path, Path file) {
    // any bytes are characters so, and what is looked for is the same in them
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      long number = 1;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        requirePublic(path, line, number++);
      }
    } catch (IOException e) {
      throw cannotBeRead(file, e);
    }
  }

  private void requirePublic(String path, String line, long number) {
    Optional<String> found = privately.in(line);
    if (found.isPresent()) {
      throw new UsageFault(
          path
              + (number > 0 ? ", line " + number : "")
              + " holds "
              + found.get()
              + ", which is nobody else's business: take it out, or leave the file out");
    }
  }

  private static InputFault cannotBeRead(Path file, IOException e) {
    return new InputFault(file + " cannot be read: " + Json.reason(e), e);
  }
}
