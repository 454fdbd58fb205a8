/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.tlora.data.Labels;
import org.tlora.fault.InputFault;
import org.tlora.format.OwnFiles;
import org.tlora.format.Safetensors;
import org.tlora.model.Model;

/**
 * Reads adapters from disk: in HF PEFT's format, {@code adapter_config.json} and {@code
 * adapter_model.safetensors}, or as MLX writes them.
 */
public final class AdapterDirectory {
  static final String CONFIG = "adapter_config.json";
  static final String WEIGHTS = "adapter_model.safetensors";
  static final String PREFIX = "base_model.model.";

  /** In the weights' metadata: the last half of each rank was taken out of the base. */
  static final String FIXED_HALF = "fixed_half";

  /**
   * In the weights' metadata: what the base's matrices had been rounded to, where they had been.
   */
  static final String BASE_ROUNDED_TO = "tlora_base_rounded_to";

  /** In the weights' metadata: what rows are labelled with. */
  static final String LABELS = "labels";

  private static final List<String> LAST_LAYERS =
      List.of("classifier.weight", "classifier.out_proj.weight");

  private AdapterDirectory() {}

  /**
   * What an encoder's adapter was trained to say: the labels that its file names, or as many as its
   * head has; nothing where it has no head.
   *
   * @throws InputFault if the file is damaged
   */
  public static Optional<Labels> labels(Path directory) {
    Path file = OwnFiles.of(directory, WEIGHTS);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try (Safetensors tensors = Safetensors.open(file)) {
      String named = tensors.metadata().get(LABELS);
      if (named != null) {
        return Optional.of(Labels.read(named, file.toString()));
      }
      for (String name : tensors.names()) {
        String own =
            AdapterKeys.canonical(name).replaceFirst("\\.modules_to_save(\\.default)?", "");
        if (LAST_LAYERS.contains(own)) {
          long outputs = tensors.shape(name)[0];
          return Optional.of(
              outputs == 1 ? Labels.NUMBERS : Labels.numbered(Math.toIntExact(outputs)));
        }
      }
      return Optional.empty();
    }
  }

  /**
   * Makes sure that an adapter fits a base whose configuration says that output layer and embedding
   * are one, though its weights are two that differ: PEFT takes the configuration's word.
   *
   * @throws InputFault if PEFT would compute something else with it
   */
  public static void requireNoTying(Path directory) {
    Path file = OwnFiles.of(directory, CONFIG);
    if (!Files.exists(file) || MlxFile.isOne(directory)) {
      return;
    }
    PeftConfig config = PeftConfig.read(file);
    if (config.namesTokensAlone() || config.ensuresTying()) {
      throw new InputFault(
          file
              + ": "
              + (config.ensuresTying()
                  ? "ensure_weight_tying"
                  : "a list of trainable_token_indices")
              + " takes output layer and embedding as one, which the base's config.json says they"
              + " are (tie_word_embeddings), but its weights are two that differ: correct one of"
              + " them");
    }
  }

  /**
   * Makes sure that a directory has an adapter, before anything is read that takes time.
   *
   * @throws org.tlora.fault.InputFault if it has none, or its configuration asks for what is not
   *     there
   */
  public static void require(Path directory) {
    if (!MlxFile.isOne(directory)) {
      PeftConfig.read(OwnFiles.of(directory, CONFIG));
    }
  }

  /**
   * Reads an adapter and checks it against a model, which is not changed. The caller closes it.
   *
   * @throws InputFault if it does not fit the model, is damaged, or asks for something that cannot
   *     be honoured; the message names the key
   */
  public static StoredAdapter read(Path directory, Model model) {
    if (MlxFile.isOne(directory)) {
      return MlxAdapter.read(directory, model);
    }
    PeftConfig config = PeftConfig.read(OwnFiles.of(directory, CONFIG));
    Path file = weights(directory);
    try (Safetensors tensors = Safetensors.open(file);
        AdapterReader reader = new AdapterReader(config, tensors, file, model)) {
      return reader.read();
    }
  }

  /**
   * The file of PEFT's weights, which need not exist.
   *
   * @throws InputFault if they are in a form that could run code
   */
  static Path weights(Path directory) {
    Path file = OwnFiles.of(directory, WEIGHTS);
    if (!Files.exists(file) && Files.exists(directory.resolve("adapter_model.bin"))) {
      throw new InputFault(
          directory + " holds adapter_model.bin, which could run code; save it as safetensors");
    }
    return file;
  }

  /**
   * What the base's matrices had been rounded to, in the adapter's weights, where they had been.
   */
  public static Optional<String> baseRoundedTo(Safetensors weights) {
    return Optional.ofNullable(weights.metadata().get(BASE_ROUNDED_TO));
  }
}
