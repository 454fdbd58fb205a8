/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.tlora.fault.InputFault;

/**
 * What several adapters say of the base that they are for, brought to one.
 *
 * @param name of the base, or null where nobody names one
 * @param revision of it, or null
 * @param notes what they differ in that does not matter, or may
 */
record AgreedBase(String name, String revision, List<DetachedAdapter> sources, List<String> notes) {

  /**
   * Brings them to one.
   *
   * @param given the base's name, or null: as they call it
   * @throws InputFault if they name different bases
   */
  static AgreedBase of(List<DetachedAdapter> sources, String given) {
    String name = given;
    String revision = null;
    if (given == null) {
      name = one(sources, "base_model_name_or_path");
      revision = one(sources, "revision");
    }
    requireOneTying(sources);
    AgreedBase agreed = new AgreedBase(name, revision, sources, new ArrayList<>());
    agreed.noteTasks();
    agreed.noteRounding();
    return agreed;
  }

  private static String text(DetachedAdapter source, String key) {
    JsonNode said = source.config().json().path(key);
    return said.isTextual() && !said.asText().isEmpty() ? said.asText() : null;
  }

  private static String one(List<DetachedAdapter> sources, String key) {
    DetachedAdapter first = null;
    for (DetachedAdapter s : sources) {
      if (text(s, key) == null) {
        continue;
      }
      if (first == null) {
        first = s;
      } else if (!samePlace(text(first, key), text(s, key))) {
        throw new InputFault(
            first.directory()
                + " is for "
                + text(first, key)
                + ", "
                + s.directory()
                + " for "
                + text(s, key)
                + " ("
                + key
                + "); if they are one model, say what it is called with `base`");
      }
    }
    return first == null ? null : text(first, key);
  }

  private static boolean samePlace(String a, String b) {
    if (a.replaceFirst("/+$", "").equals(b.replaceFirst("/+$", ""))) {
      return true;
    }
    try {
      return Files.isDirectory(Path.of(a))
          && Files.isDirectory(Path.of(b))
          && Files.isSameFile(Path.of(a), Path.of(b));
    } catch (IOException | InvalidPathException e) {
      return false;
    }
  }

  private static void requireOneTying(List<DetachedAdapter> sources) {
    for (DetachedAdapter s : sources) {
      if (s.config().ensuresTying() != sources.get(0).config().ensuresTying()) {
        throw new InputFault(
            s.directory()
                + " and "
                + sources.get(0).directory()
                + " differ in ensure_weight_tying (of MLX: one has the embedding, which is tied"
                + " there): embedding and output layer cannot be one and two");
      }
    }
  }

  private void noteTasks() {
    Set<String> tasks = new TreeSet<>();
    sources.stream().map(s -> text(s, "task_type")).filter(t -> t != null).forEach(tasks::add);
    if (tasks.size() > 1) {
      notes.add(
          "the adapters are for different tasks ("
              + String.join(", ", tasks)
              + "): the new one says that of the first");
    }
  }

  private void noteRounding() {
    Map<String, DetachedAdapter> by = rounded();
    if (by.size() > 1) {
      List<String> all = new ArrayList<>();
      by.forEach(
          (form, s) ->
              all.add(
                  s.directory()
                      + (form.isEmpty()
                          ? " on a base that was not rounded"
                          : " on a base rounded to " + form)));
      notes.add("were trained on different numbers: " + String.join(", ", all));
    }
  }

  /** An adapter of each form that the base's matrices had been rounded to. */
  private Map<String, DetachedAdapter> rounded() {
    return by(s -> s.metadata().getOrDefault(AdapterDirectory.BASE_ROUNDED_TO, ""));
  }

  private Map<String, DetachedAdapter> by(Function<DetachedAdapter, String> what) {
    Map<String, DetachedAdapter> by = new LinkedHashMap<>();
    sources.forEach(s -> by.putIfAbsent(what.apply(s), s));
    return by;
  }

  /** Texts for the header of the new weights. */
  Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>(Map.of("format", "pt"));
    Map<String, DetachedAdapter> forms = rounded();
    if (forms.size() == 1 && !forms.containsKey("")) {
      metadata.put(AdapterDirectory.BASE_ROUNDED_TO, forms.keySet().iterator().next());
    }
    Map<String, DetachedAdapter> labels =
        by(s -> s.metadata().getOrDefault(AdapterDirectory.LABELS, ""));
    labels.remove("");
    if (labels.size() > 1) {
      throw new InputFault("the adapters say different labels: " + labels.keySet());
    }
    labels.keySet().forEach(l -> metadata.put(AdapterDirectory.LABELS, l));
    return metadata;
  }

  /** Adds what a configuration says of the base. */
  void addTo(ObjectNode config) {
    config.put("revision", revision);
    if (sources.stream().anyMatch(s -> s.config().json().has("task_type"))) {
      config.putNull("task_type"); // MLX's, which have none, are of models that write text
    }
    sources.stream()
        .map(s -> text(s, "task_type"))
        .filter(t -> t != null)
        .findFirst()
        .ifPresent(t -> config.put("task_type", t));
    JsonNode dropout = sources.get(0).config().json().path("lora_dropout");
    if (dropout.isNumber()) {
      config.set("lora_dropout", dropout);
    }
    config.put("fan_in_fan_out", sources.stream().anyMatch(s -> flag(s, "fan_in_fan_out")));
    config.put("ensure_weight_tying", sources.get(0).config().ensuresTying());
    Set<String> biases = new TreeSet<>();
    sources.forEach(s -> biases.add(s.config().json().path("bias").asText("none")));
    for (String kind : List.of("all", "lora_only")) { // all is more than lora_only
      if (biases.contains(kind)) {
        config.put("bias", kind);
        break;
      }
    }
  }

  private static boolean flag(DetachedAdapter source, String key) {
    return source.config().json().path(key).asBoolean();
  }
}
