/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tlora.engine.WeightStore;
import org.tlora.format.Gguf;
import org.tlora.format.Json;
import org.tlora.format.OwnFiles;
import org.tlora.format.ShardedSafetensors;
import org.tlora.model.DecoderConfig;
import org.tlora.model.EncoderConfig;
import org.tlora.model.TensorNames;
import org.tlora.model.family.EncoderFamily;
import org.tlora.model.family.Families;
import org.tlora.model.family.GgufLayout;
import org.tlora.model.family.HubConfig;
import org.tlora.model.family.ModelFamily;
import org.tlora.model.gguf.GgufConfig;
import org.tlora.model.gguf.GgufMetadata;
import org.tlora.model.gguf.GgufWeights;

/**
 * What a model's files hold, looked through before any weight is read.
 *
 * @param config its config.json with an architecture, or what a GGUF file's metadata amount to
 * @param decoder or null
 * @param encoder or null
 * @param weights the tensors that the architecture computes with, by its names
 * @param gguf the GGUF file, or null
 * @param headApart whether config.json says that output layer and embedding are one, and they
 *     differ
 * @param notices lines about what is not used or not as it is said to be
 */
record Checkpoint(
    ObjectNode config,
    DecoderConfig decoder,
    EncoderConfig encoder,
    WeightStore weights,
    Gguf gguf,
    boolean headApart,
    List<String> notices) {
  private static final int MOST_NAMES = 3;

  /**
   * A Hugging Face directory.
   *
   * @throws org.tlora.fault.InputFault if it is damaged, quantised, or of an unknown architecture
   */
  static Checkpoint ofDirectory(Path path, ObjectNode config, Families families) {
    String where = OwnFiles.of(path, "config.json").toString();
    HubConfig fields = HubConfig.parse(Json.compact(config), where);
    String architecture = families.architecture(fields);
    if (!config.path("architectures").path(0).isTextual()) {
      config.putArray("architectures").add(architecture);
    }
    fields.refuse("pruned_heads");
    fields.refuse("is_encoder_decoder");
    fields.refuse("per_layer_config");
    boolean isEncoder = families.encoder(architecture).isPresent();
    if (Files.exists(path.resolve("adapter_config.json"))) {
      fields.notice(
          "there is an adapter beside the weights, which `model` does not take: name it with"
              + " `adapter`, if it belongs to them");
    }
    if (isEncoder) {
      fields.refuse("is_decoder");
      fields.refuse("add_cross_attention");
    } else {
      fields.ignore("is_decoder");
      families.ofArchitecture(architecture, where);
    }
    ShardedSafetensors files = ShardedSafetensors.open(path);
    try {
      return isEncoder
          ? encoder(path, config, fields, files, families.encoder(architecture).orElseThrow())
          : decoder(path, config, fields, files, families.ofArchitecture(architecture, where));
    } catch (RuntimeException e) {
      files.close();
      throw e;
    }
  }

  private static Checkpoint decoder(
      Path path,
      ObjectNode config,
      HubConfig fields,
      ShardedSafetensors files,
      ModelFamily family) {
    DecoderConfig said = family.config(fields);
    List<String> notices =
        new ArrayList<>(
            Quantisation.refuse(path, config, files, intersection(files, TensorNames.of(said))));
    TiedHead head = TiedHead.decide(said, files);
    if (head.separate()) {
      fields.notice(
          "tie_word_embeddings is true, but "
              + TensorNames.HEAD
              + " differs from "
              + TensorNames.TOKENS
              + ": they are not tied");
    }
    notices.addAll(fields.notices());
    OwnTensors own = new OwnTensors(files, TensorNames.of(head.config()), head.rawNames());
    List<String> unused = new ArrayList<>(own.unused());
    if (head.config().tiedEmbeddings()) {
      unused.remove(TensorNames.HEAD); // the same as the embedding
    }
    addUnused(notices, path, unused);
    return new Checkpoint(config, head.config(), null, own, null, head.separate(), notices);
  }

  private static Checkpoint encoder(
      Path path,
      ObjectNode config,
      HubConfig fields,
      ShardedSafetensors files,
      EncoderFamily family) {
    EncoderConfig encoder = family.config(fields);
    Map<String, String> rawNames = EncoderKeys.rawNames(files.names(), encoder);
    Set<String> wanted = TensorNames.of(encoder);
    Map<String, String> used = new LinkedHashMap<>(rawNames);
    used.keySet().retainAll(wanted);
    List<String> notices =
        new ArrayList<>(
            Quantisation.refuse(path, config, files, new LinkedHashSet<>(used.values())));
    notices.addAll(fields.notices());
    OwnTensors own = new OwnTensors(files, wanted, rawNames);
    addUnused(notices, path, own.unused());
    return new Checkpoint(config, null, encoder, own, null, false, notices);
  }

  /**
   * A GGUF file.
   *
   * @throws org.tlora.fault.InputFault if it is damaged or of an unknown architecture
   */
  static Checkpoint ofGguf(Path path, Families families) {
    Gguf gguf = Gguf.open(path);
    try {
      String where = path.toString();
      Object architecture = gguf.metadata().get("general.architecture");
      ModelFamily family = families.ofGguf(String.valueOf(architecture), where);
      GgufLayout layout = family.gguf().orElseThrow();
      GgufMetadata metadata = new GgufMetadata(gguf.metadata(), layout.architecture(), where);
      ObjectNode config = GgufConfig.of(gguf, layout, metadata);
      DecoderConfig decoder = family.config(HubConfig.parse(Json.compact(config), where));
      GgufWeights weights = new GgufWeights(gguf, layout, decoder);
      List<String> notices = new ArrayList<>(metadata.notices());
      addUnused(notices, path, weights.unused());
      return new Checkpoint(config, decoder, null, weights, gguf, false, notices);
    } catch (RuntimeException e) {
      gguf.close();
      throw e;
    }
  }

  private static Set<String> intersection(ShardedSafetensors files, Set<String> wanted) {
    Set<String> used = new LinkedHashSet<>(files.names());
    used.retainAll(wanted);
    return used;
  }

  private static void addUnused(List<String> notices, Path path, List<String> unused) {
    if (unused.isEmpty()) {
      return;
    }
    int named = Math.min(MOST_NAMES, unused.size());
    String more = unused.size() > named ? " and " + (unused.size() - named) + " more" : "";
    notices.add(
        path
            + ": "
            + (unused.size() == 1 ? "1 tensor is" : unused.size() + " tensors are")
            + " not used: "
            + String.join(", ", unused.subList(0, named))
            + more);
  }
}
