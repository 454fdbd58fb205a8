/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.card;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.tlora.fault.InputFault;
import org.tlora.format.Gguf;
import org.tlora.format.Json;
import org.tlora.format.Safetensors;
import org.tlora.format.Yaml;

/**
 * A card of what lies in a directory, for adapters and models that nobody has written one for: what
 * their own files say, and what a run has left beside them.
 */
final class FoundCard {
  private static final List<String> SETTINGS =
      List.of(
          "objective",
          "template",
          "cutoff-length",
          "epochs",
          "steps",
          "batch-size",
          "learning-rate",
          "schedule",
          "warmup-ratio",
          "weight-decay",
          "max-grad-norm",
          "seed",
          "dtype",
          "quantize");

  private final Path directory;
  private final ObjectNode run;

  private FoundCard(Path directory) {
    this.directory = directory;
    run = run(directory.resolve("run.yaml"));
  }

  /**
   * The card of a directory.
   *
   * @throws InputFault if what it holds cannot be read
   */
  static ModelCard of(Path directory) {
    FoundCard found = new FoundCard(directory);
    return switch (Kind.of(directory)) {
      case ADAPTER -> found.adapter();
      case MODEL -> found.model();
      case GGUF -> found.gguf();
    };
  }

  private static ObjectNode run(Path file) {
    try {
      return Files.isRegularFile(file)
          ? Yaml.parse(Files.readString(file), file.toString())
          : Json.object();
    } catch (IOException e) {
      throw new InputFault(file + " cannot be read: " + Json.reason(e), e);
    }
  }

  private ModelCard adapter() {
    ObjectNode config = Json.readObject(directory.resolve(Kind.ADAPTER_CONFIG));
    CardBase base = CardBase.named(config.path("base_model_name_or_path").asText());
    Group.Builder method = new Group.Builder("Method");
    method.add("method", run.path("method").asText(null));
    method.add("rank", config.path("r").asText(null));
    method.add("alpha", config.path("lora_alpha").asText(null));
    if (!config.path("rank_pattern").isEmpty()) {
      method.add("layers with another rank", config.path("rank_pattern").size());
    }
    method.add("dropout", config.path("lora_dropout").asText(null));
    method.add("layers with an adapter", texts(config.path("target_modules")));
    method.add("modules that trained whole", texts(config.path("modules_to_save")));
    method.add("numbers in it", parameters());
    return new ModelCard(
        ModelCard.Relation.ADAPTER,
        base,
        List.of("lora"),
        List.of(),
        "An adapter for " + ModelCard.named(base) + ".",
        List.of(method.build(), data(), settings(), course()),
        List.of("What it was trained on, as far as it is not said above."));
  }

  private long parameters() {
    try (Safetensors file = Safetensors.open(directory.resolve("adapter_model.safetensors"))) {
      return file.names().stream()
          .mapToLong(n -> Arrays.stream(file.shape(n)).reduce(1, (a, b) -> a * b))
          .sum();
    }
  }

  private ModelCard model() {
    ObjectNode config = Json.readObject(directory.resolve("config.json"));
    CardBase base = CardBase.named("");
    Group.Builder what = new Group.Builder("What it is");
    what.add("architecture", config.path("architectures").path(0).asText(null));
    what.add("method", run.path("method").asText(null));
    what.add("type of its weights", config.path("torch_dtype").asText(null));
    return new ModelCard(
        ModelCard.Relation.FINETUNE,
        base,
        List.of(),
        List.of(),
        "A model that was made from another.",
        List.of(what.build(), data(), settings(), course()),
        List.of("What it was made from, and what it was trained on."));
  }

  private ModelCard gguf() {
    Group.Builder files = new Group.Builder("Files");
    CardBase base = CardBase.named("");
    for (Path file : Kind.gguf(directory)) {
      try (Gguf gguf = Gguf.open(file)) {
        base = CardBase.ofGguf(file, gguf.metadata());
        files.add(
            String.valueOf(file.getFileName()),
            gguf.names().stream()
                .map(gguf::typeName)
                .distinct()
                .sorted()
                .collect(Collectors.joining(", ")));
      }
    }
    return new ModelCard(
        ModelCard.Relation.QUANTISED,
        base,
        List.of("gguf"),
        List.of(),
        "A model for llama.cpp, made from " + ModelCard.named(base) + ".",
        List.of(files.build()),
        List.of());
  }

  /** Files of rows without their directories. */
  private Group data() {
    List<String> names = new ArrayList<>();
    JsonNode data = run.path("data");
    (data.isArray() ? data : Json.object().putArray("one").add(data.asText("")))
        .forEach(
            d -> {
              Path path = CardFile.path(d.asText());
              if (path != null && path.getFileName() != null) {
                names.add(d.asText().startsWith("hub:") ? d.asText() : "" + path.getFileName());
              }
            });
    return new Group.Builder("What it was trained on")
        .add("data", String.join(", ", names))
        .build();
  }

  private Group settings() {
    Group.Builder all = new Group.Builder("Settings");
    for (String name : SETTINGS) {
      JsonNode value = run.path(name);
      if (value.isNumber() && counts(name)) {
        all.add(name.replace('-', ' '), value.asDouble());
      } else if (value.isTextual() && !value.asText().contains("/")) {
        all.add(name.replace('-', ' '), value.asText());
      }
    }
    return all.build();
  }

  /** Steps stand instead of epochs, where there are any. */
  private boolean counts(String name) {
    boolean bySteps = run.path("steps").asLong() > 0;
    return bySteps ? !name.equals("epochs") : !name.equals("steps");
  }

  private Group course() {
    Group.Builder all = new Group.Builder("How it went");
    Losses.read(directory.resolve("metrics.jsonl")).ifPresent(l -> l.addTo(all));
    return all.build();
  }

  private static String texts(JsonNode node) {
    return node.isTextual()
        ? node.asText()
        : StreamSupport.stream(node.spliterator(), false)
            .map(JsonNode::asText)
            .sorted()
            .collect(Collectors.joining(", "));
  }
}
