/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tlora.data.Labels;
import org.tlora.format.Json;
import org.tlora.format.OwnFiles;
import org.tlora.format.ShardedSafetensors;
import org.tlora.model.DecoderConfig;
import org.tlora.model.EncoderConfig;
import org.tlora.model.TensorNames;
import org.tlora.model.family.EncoderFamily;
import org.tlora.model.family.Families;
import org.tlora.model.family.HubConfig;
import org.tlora.model.family.ModelFamily;

/** Reads a model's Hugging Face directory, the configuration first. */
final class HubDirectory {
  private final Path path;
  private final ObjectNode config;
  private final HubConfig fields;
  private final Optional<EncoderFamily> encoder;
  private final ModelFamily decoder; // or null where it is an encoder

  private HubDirectory(Path path, ObjectNode config, HubConfig fields, Families families) {
    this.path = path;
    this.config = config;
    this.fields = fields;
    String architecture = families.architecture(fields);
    if (!config.path("architectures").path(0).isTextual()) {
      config.putArray("architectures").add(architecture);
    }
    encoder = families.encoder(architecture);
    refuseOthers();
    decoder = encoder.isPresent() ? null : families.ofArchitecture(architecture, fields.where());
  }

  /**
   * Reads the configuration.
   *
   * @throws org.tlora.fault.InputFault if it is damaged, or of an unknown architecture
   */
  static HubDirectory of(Path path, Families families) {
    Path file = OwnFiles.of(path, "config.json");
    ObjectNode config = Json.readObject(file);
    HubConfig fields = HubConfig.parse(Json.compact(config), file.toString());
    return new HubDirectory(path, config, fields, families);
  }

  /**
   * A JSON file beside the configuration, or an empty object where it is not there.
   *
   * @throws org.tlora.fault.InputFault if it is damaged
   */
  static ObjectNode companion(Path directory, String name) {
    Path file = OwnFiles.of(directory, name);
    return Files.exists(file) ? Json.readObject(file) : Json.object();
  }

  /** Refuses what no architecture here computes. */
  private void refuseOthers() {
    fields.refuse("pruned_heads");
    fields.refuse("is_encoder_decoder");
    fields.refuse("per_layer_config");
    if (Files.exists(path.resolve("adapter_config.json"))) {
      fields.notice(
          "there is an adapter beside the weights, which `model` does not take: name it with"
              + " `adapter`, if it belongs to them");
    }
    if (encoder.isPresent()) {
      fields.refuse("is_decoder");
      fields.refuse("add_cross_attention");
    } else {
      fields.ignore("is_decoder");
    }
  }

  /**
   * Looks through the weights.
   *
   * @throws org.tlora.fault.InputFault if a field is missing or asks for something that is not
   *     known, or the weights are quantised
   */
  Checkpoint read(ShardedSafetensors files) {
    return encoder.isPresent() ? encoder(files, encoder.get()) : decoder(files);
  }

  /** What a configuration that was saved with a head says of its labels. */
  static Optional<Labels> labels(JsonNode config) {
    if (!config.path("architectures").path(0).asText().endsWith("ForSequenceClassification")) {
      return Optional.empty();
    }
    JsonNode names = config.path("id2label");
    int count = names.isEmpty() ? config.path("num_labels").asInt(2) : names.size();
    if (config.path("problem_type").asText().equals(Labels.REGRESSION) || count == 1) {
      return Optional.of(Labels.NUMBERS);
    }
    List<String> classes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      classes.add(names.path("" + i).asText("" + i));
    }
    return Optional.of(new Labels(classes));
  }

  private Checkpoint decoder(ShardedSafetensors files) {
    DecoderConfig said = decoder.config(fields);
    Set<String> used = new LinkedHashSet<>(files.names());
    used.retainAll(TensorNames.of(said));
    Quantisation stored = Quantisation.of(path, config, files, used);
    List<String> notices = new ArrayList<>(stored.notices());
    TiedHead head = TiedHead.decide(said, stored.weights().names(), files::equal);
    if (head.separate()) {
      fields.notice(
          "tie_word_embeddings is true, but "
              + TensorNames.HEAD
              + " differs from "
              + TensorNames.TOKENS
              + ": they are not tied");
    }
    notices.addAll(fields.notices());
    OwnTensors own =
        new OwnTensors(stored.weights(), TensorNames.of(head.config()), head.rawNames());
    List<String> unused = new ArrayList<>(own.unused());
    if (head.config().tiedEmbeddings()) {
      unused.remove(TensorNames.HEAD); // the same as the embedding
    }
    List<String> all = Checkpoint.withUnused(notices, path, unused);
    return new Checkpoint(config, head.config(), null, own, null, head.separate(), all);
  }

  private Checkpoint encoder(ShardedSafetensors files, EncoderFamily family) {
    EncoderConfig said = family.config(fields);
    Map<String, String> rawNames = EncoderKeys.rawNames(files.names(), said);
    Set<String> wanted = TensorNames.of(said);
    Map<String, String> used = new LinkedHashMap<>(rawNames);
    used.keySet().retainAll(wanted);
    Quantisation stored = Quantisation.of(path, config, files, new LinkedHashSet<>(used.values()));
    List<String> notices = new ArrayList<>(stored.notices());
    notices.addAll(fields.notices());
    OwnTensors own = new OwnTensors(stored.weights(), wanted, rawNames);
    List<String> all = Checkpoint.withUnused(notices, path, own.unused());
    return new Checkpoint(config, null, said, own, null, false, all);
  }
}
