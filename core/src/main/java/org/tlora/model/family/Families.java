/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;

/**
 * The model families that a model may be of: {@linkplain #known those of this library}, and those
 * that a program hands over. Immutable; as safe for threads as the families in it.
 */
public final class Families {
  /** A new family of the library is a class of its own and a line here. */
  private static final Families KNOWN =
      new Families(
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
              new SmolLm3()),
          List.of(
              new Bert(),
              new Roberta("Roberta", "roberta"),
              new Roberta("XLMRoberta", "xlm-roberta"),
              new DistilBert(),
              new DebertaV2()));

  /** What an encoder's checkpoint may have been saved as. */
  private static final List<String> ENCODER_KINDS =
      List.of("Model", "ForMaskedLM", "ForPreTraining", "ForSequenceClassification");

  private final List<ModelFamily> decoders;
  private final List<EncoderFamily> encoders;

  private Families(List<ModelFamily> decoders, List<EncoderFamily> encoders) {
    this.decoders = decoders;
    this.encoders = encoders;
  }

  /** Those of this library. */
  public static Families known() {
    return KNOWN;
  }

  /**
   * These and other families of decoders.
   *
   * @throws UsageFault if one of them has no architecture or model_type, or one that is known
   *     already
   */
  public Families with(ModelFamily... more) {
    Families all = this;
    for (ModelFamily family : more) {
      all = all.withOne(family);
    }
    return all;
  }

  private Families withOne(ModelFamily family) {
    if (family.architectures().isEmpty()) {
      throw new UsageFault("`family` " + family.modelType() + " names no architecture");
    }
    requireNew(family.modelType(), family.architectures());
    family
        .gguf()
        .map(GgufLayout::architecture)
        .filter(a -> ofGguf(a).isPresent())
        .ifPresent(
            a -> {
              throw new UsageFault(
                  "`family` "
                      + family.modelType()
                      + ": GGUF's architecture "
                      + a
                      + " is known already, as another family's: it can be written so"
                      + " (ggufToWrite), not read");
            });
    List<ModelFamily> all = new ArrayList<>(decoders);
    all.add(family);
    return new Families(List.copyOf(all), encoders);
  }

  /**
   * These and other families of encoders.
   *
   * @throws UsageFault if one of them has no architecture or model_type, or one that is known
   *     already
   */
  public Families with(EncoderFamily... more) {
    Families all = this;
    for (EncoderFamily family : more) {
      all = all.withOne(family);
    }
    return all;
  }

  private Families withOne(EncoderFamily family) {
    if (isEmpty(family.architecture())) {
      throw new UsageFault("`family` " + family.modelType() + " names no architecture");
    }
    requireNew(
        family.modelType(), ENCODER_KINDS.stream().map(k -> family.architecture() + k).toList());
    List<EncoderFamily> all = new ArrayList<>(encoders);
    all.add(family);
    return new Families(decoders, List.copyOf(all));
  }

  /** Of two families with one name, only one would ever be asked. */
  private void requireNew(String modelType, Iterable<String> architectures) {
    for (String architecture : architectures) {
      if (decoder(architecture).isPresent() || encoder(architecture).isPresent()) {
        throw new UsageFault(
            "`family` " + modelType + ": architecture " + architecture + " is known already");
      }
    }
    if (isEmpty(modelType)) {
      throw new UsageFault("`family` of " + architectures + " has no model_type");
    }
    if (ofModelType(modelType).isPresent()) {
      throw new UsageFault("`family`: model_type " + modelType + " is known already");
    }
  }

  private static boolean isEmpty(String name) {
    return name == null || name.isEmpty();
  }

  /**
   * The class that a config.json is of: what {@code architectures} says, or where that is missing,
   * what {@code model_type} stands for.
   *
   * @throws InputFault if neither says it, or they say different models
   */
  public String architecture(HubConfig config) {
    String named = config.node("architectures").path(0).asText("");
    String type = config.node("model_type").asText("");
    Optional<String> ofType = ofModelType(type);
    if (named.isEmpty()) {
      if (ofType.isPresent()) {
        return ofType.get();
      }
      TreeSet<String> known = new TreeSet<>();
      decoders.forEach(f -> known.add(f.modelType()));
      encoders.forEach(f -> known.add(f.modelType()));
      throw new InputFault(
          config.where()
              + ": no architecture is named, and model_type '"
              + type
              + "' is not known; supported are "
              + String.join(", ", known));
    }
    // transformers takes the class that belongs to model_type, whatever architectures says
    boolean known = encoder(named).isPresent() || decoder(named).isPresent();
    if (known && ofType.isPresent() && !typeOf(named).equals(type)) {
      throw new InputFault(
          config.where()
              + ": architecture "
              + named
              + " and model_type "
              + type
              + " are different models; set both to what it is");
    }
    return named;
  }

  private Optional<String> ofModelType(String type) {
    Optional<String> decoder =
        decoders.stream()
            .filter(f -> f.modelType().equals(type))
            .map(f -> f.architectures().iterator().next())
            .findFirst();
    return decoder.or(
        () ->
            encoders.stream()
                .filter(f -> f.modelType().equals(type))
                .map(f -> f.architecture() + "Model")
                .findFirst());
  }

  private String typeOf(String architecture) {
    return decoder(architecture)
        .map(ModelFamily::modelType)
        .or(() -> encoder(architecture).map(EncoderFamily::modelType))
        .orElseThrow();
  }

  private Optional<ModelFamily> decoder(String architecture) {
    return decoders.stream().filter(f -> f.architectures().contains(architecture)).findFirst();
  }

  /** The family of an encoder's architecture, such as {@code BertModel}, if it is one. */
  public Optional<EncoderFamily> encoder(String architecture) {
    return encoders.stream()
        .filter(
            f -> ENCODER_KINDS.stream().anyMatch(k -> architecture.equals(f.architecture() + k)))
        .findFirst();
  }

  /**
   * The family of a decoder's architecture of config.json.
   *
   * @param where names the file in messages
   * @throws InputFault if it is not known; the message lists those that are
   */
  public ModelFamily ofArchitecture(String architecture, String where) {
    return decoder(architecture)
        .orElseThrow(
            () -> {
              TreeSet<String> known = new TreeSet<>();
              decoders.forEach(f -> known.addAll(f.architectures()));
              encoders.forEach(f -> known.add(f.architecture() + "ForSequenceClassification"));
              return unknown(where, architecture, known);
            });
  }

  /**
   * The family of a GGUF file's {@code general.architecture}.
   *
   * @param where names the file in messages
   * @throws InputFault if it is not known; the message lists those that are
   */
  public ModelFamily ofGguf(String architecture, String where) {
    return ofGguf(architecture)
        .orElseThrow(
            () -> {
              TreeSet<String> known = new TreeSet<>();
              decoders.forEach(f -> f.gguf().ifPresent(g -> known.add(g.architecture())));
              return unknown(where, architecture, known);
            });
  }

  private Optional<ModelFamily> ofGguf(String architecture) {
    return decoders.stream()
        .filter(f -> f.gguf().filter(g -> g.architecture().equals(architecture)).isPresent())
        .findFirst();
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
