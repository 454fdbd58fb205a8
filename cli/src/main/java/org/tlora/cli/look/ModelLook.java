/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.look;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.tlora.data.Labels;
import org.tlora.model.DecoderConfig;
import org.tlora.model.EncoderConfig;
import org.tlora.pretrained.ModelContents;
import org.tlora.pretrained.PretrainedModel;

/** A model on disk, of which no weight is read. */
final class ModelLook {
  private static final Map<ModelContents.Part, String> PARTS =
      Map.of(
          ModelContents.Part.EMBEDDING, "embedding",
          ModelContents.Part.ATTENTION, "attention",
          ModelContents.Part.MLP, "MLP",
          ModelContents.Part.NORMS, "norms",
          ModelContents.Part.OUTPUT, "output layer",
          ModelContents.Part.HEAD, "head");

  private ModelLook() {}

  static void into(Facts facts, Path path, Inspection.Detail detail) {
    try (PretrainedModel model = PretrainedModel.open(path)) {
      model.notices().forEach(System.err::println);
      ObjectNode json = facts.json();
      String architecture = model.config().path("architectures").path(0).asText();
      json.put("kind", "model").put("architecture", architecture);
      facts.line(
          "model",
          architecture + (model.isEncoder() ? ", an encoder" : ", a decoder") + ", " + path);
      ModelContents contents = ModelContents.of(model);
      parameters(facts, model, contents);
      TensorList.bytes(facts, contents.bytes());
      quantisation(facts, contents);
      if (model.isEncoder()) {
        encoder(facts, model);
      } else {
        decoder(facts, model.decoder());
      }
      TokenizerLook.into(facts, model);
      if (model.gguf() != null) {
        ObjectNode types = json.putObject("gguf_types");
        for (String name : model.gguf().names()) {
          String type = model.gguf().typeName(name);
          types.put(type, types.path(type).asInt() + 1);
        }
      }
      var notices = json.putArray("notices");
      model.notices().forEach(notices::add);
      if (detail.tensors()) {
        TensorList.into(facts, model.weights());
      }
    }
  }

  private static void parameters(Facts facts, PretrainedModel model, ModelContents contents) {
    long all = contents.allParameters();
    boolean tied = !model.isEncoder() && model.decoder().tiedEmbeddings();
    facts.json().put("parameters", all);
    facts.line("parameters", Words.count(all));
    ObjectNode parts = facts.json().putObject("parts");
    contents
        .parameters()
        .forEach(
            (part, n) -> {
              parts.put(part.name().toLowerCase(Locale.ROOT), n);
              boolean both = tied && part == ModelContents.Part.EMBEDDING;
              facts.inner(
                  PARTS.get(part),
                  Words.count(n)
                      + " ("
                      + Words.percent(n, all)
                      + (both ? "; the output layer too, counted once)" : ")"));
            });
  }

  private static void quantisation(Facts facts, ModelContents contents) {
    double bits = 8.0 * contents.allBytes() / Math.max(1, contents.allParameters());
    facts.json().put("bits_per_weight", bits);
    Optional<String> codes = contents.codes();
    codes.ifPresentOrElse(
        type -> facts.json().put("quantisation", type), () -> facts.json().putNull("quantisation"));
    facts.line(
        "quantisation",
        codes
            .map(t -> String.format(Locale.ROOT, "mostly %s, %.2f bits a weight in all", t, bits))
            .orElse("none"));
  }

  private static void decoder(Facts facts, DecoderConfig c) {
    ObjectNode out = facts.json();
    out.put("layers", c.layers()).put("hidden_size", c.hiddenSize());
    out.put("intermediate_size", c.intermediateSize());
    out.put("heads", c.attention().heads());
    out.put("key_value_heads", c.attention().keyValueHeads());
    out.put("vocabulary", c.vocabularySize()).put("tied_embeddings", c.tiedEmbeddings());
    out.put("max_positions", c.maxPositions());
    int window =
        c.attention().layers().stream()
            .mapToInt(DecoderConfig.LayerAttention::window)
            .max()
            .orElse(0);
    facts.line(
        "layers",
        c.layers()
            + ", hidden size "
            + c.hiddenSize()
            + ", intermediate size "
            + c.intermediateSize()
            + ", "
            + c.attention().heads()
            + " heads of attention, "
            + c.attention().keyValueHeads()
            + " of keys and values");
    facts.line("context", Words.count(c.maxPositions(), "token"));
    if (window > 0) {
      out.put("window", window);
      facts.inner("window", "layers that see the last " + Words.count(window) + " alone");
    }
    facts.line("vocabulary", Words.count(c.vocabularySize(), "row"));
  }

  private static void encoder(Facts facts, PretrainedModel model) {
    EncoderConfig c = model.encoder();
    ObjectNode out = facts.json();
    out.put("layers", c.layers()).put("hidden_size", c.hiddenSize());
    out.put("intermediate_size", c.intermediateSize());
    out.put("heads", c.heads()).put("vocabulary", c.vocabularySize());
    out.put("max_positions", c.maxPositions());
    facts.line(
        "layers",
        c.layers()
            + ", hidden size "
            + c.hiddenSize()
            + ", intermediate size "
            + c.intermediateSize()
            + ", "
            + c.heads()
            + " heads of attention");
    facts.line("context", Words.count(c.maxPositions(), "token"));
    facts.line("vocabulary", Words.count(c.vocabularySize(), "row"));
    Optional<Labels> labels = model.labels();
    labels.ifPresent(l -> out.put("labels", l.write()));
    facts.line("labels", labels.map(Labels::write).orElse("none: it has no head"));
  }
}
