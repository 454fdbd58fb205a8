/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.tlora.fault.InputFault;

/** All model families. A new one is a class of its own and a line here. */
public final class Families {
  private static final List<ModelFamily> ALL =
      List.of(
          new Llama(),
          new Mistral(),
          new Qwen2(),
          new Qwen3(),
          new Gemma2(),
          new Gemma3Text(),
          new Phi3(),
          new Olmo2(),
          new Granite(),
          new SmolLm3());

  private static final List<EncoderFamily> ENCODERS =
      List.of(
          new Bert(),
          new Roberta("Roberta", "roberta"),
          new Roberta("XLMRoberta", "xlm-roberta"),
          new DistilBert(),
          new DebertaV2());

  /** What an encoder's checkpoint may have been saved as. */
  private static final List<String> ENCODER_KINDS =
      List.of("Model", "ForMaskedLM", "ForPreTraining", "ForSequenceClassification");

  private Families() {}

  /**
   * The class that a config.json is of: what {@code architectures} says, or where that is missing,
   * what {@code model_type} stands for.
   *
   * @throws InputFault if neither says it, or they say different models
   */
  public static String architecture(JsonNode config, String where) {
    String named = config.path("architectures").path(0).asText("");
    String type = config.path("model_type").asText("");
    Optional<String> ofType = ofModelType(type);
    if (named.isEmpty()) {
      if (ofType.isPresent()) {
        return ofType.get();
      }
      TreeSet<String> known = new TreeSet<>();
      ALL.forEach(f -> known.add(f.modelType()));
      ENCODERS.forEach(f -> known.add(f.modelType()));
      throw new InputFault(
          where
              + ": no architecture is named, and model_type '"
              + type
              + "' is not known; supported are "
              + String.join(", ", known));
    }
    // transformers takes the class that belongs to model_type, whatever architectures says
    boolean known = encoder(named).isPresent() || decoder(named).isPresent();
    if (known && ofType.isPresent() && !typeOf(named).equals(type)) {
      throw new InputFault(
          where
              + ": architecture "
              + named
              + " and model_type "
              + type
              + " are different models; set both to what it is");
    }
    return named;
  }

  private static Optional<String> ofModelType(String type) {
    Optional<String> decoder =
        ALL.stream()
            .filter(f -> f.modelType().equals(type))
            .map(f -> f.architectures().iterator().next())
            .findFirst();
    return decoder.or(
        () ->
            ENCODERS.stream()
                .filter(f -> f.modelType().equals(type))
                .map(f -> f.architecture() + "Model")
                .findFirst());
  }

  private static String typeOf(String architecture) {
    return decoder(architecture)
        .map(ModelFamily::modelType)
        .or(() -> encoder(architecture).map(EncoderFamily::modelType))
        .orElseThrow();
  }

  private static Optional<ModelFamily> decoder(String architecture) {
    return ALL.stream().filter(f -> f.architectures().contains(architecture)).findFirst();
  }

  /** The family of an encoder's architecture, such as {@code BertModel}. */
  public static Optional<EncoderFamily> encoder(String architecture) {
    return ENCODERS.stream()
        .filter(
            f -> ENCODER_KINDS.stream().anyMatch(k -> architecture.equals(f.architecture() + k)))
        .findFirst();
  }

  /**
   * The family of an architecture of config.json.
   *
   * @throws InputFault if it is not known; the message lists those that are
   */
  public static ModelFamily ofArchitecture(String architecture, String where) {
    return decoder(architecture)
        .orElseThrow(
            () -> {
              TreeSet<String> known = new TreeSet<>();
              ALL.forEach(f -> known.addAll(f.architectures()));
              ENCODERS.forEach(f -> known.add(f.architecture() + "ForSequenceClassification"));
              return unknown(where, architecture, known);
            });
  }

  /**
   * The family of a GGUF file's {@code general.architecture}.
   *
   * @throws InputFault if it is not known; the message lists those that are
   */
  public static ModelFamily ofGguf(String architecture, String where) {
    return ALL.stream()
        .filter(f -> f.gguf().filter(g -> g.architecture().equals(architecture)).isPresent())
        .findFirst()
        .orElseThrow(
            () -> {
              TreeSet<String> known = new TreeSet<>();
              ALL.forEach(f -> f.gguf().ifPresent(g -> known.add(g.architecture())));
              return unknown(where, architecture, known);
            });
  }

  private static InputFault unknown(String where, String architecture, Set<String> known) {
    return new InputFault(
        where
            + ": architecture '"
            + architecture
            + "' is not supported; supported are "
            + String.join(", ", known));
  }
}
