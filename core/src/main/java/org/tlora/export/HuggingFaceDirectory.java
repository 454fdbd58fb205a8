/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.export;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tlora.data.Labels;
import org.tlora.engine.DType;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.format.Safetensors;
import org.tlora.format.ShardedSafetensors;
import org.tlora.model.AdapterSet;
import org.tlora.model.CausalLm;
import org.tlora.model.Model;
import org.tlora.model.SequenceClassifier;
import org.tlora.model.TensorNames;
import org.tlora.pretrained.PretrainedModel;

/** Writes a model as a Hugging Face directory that transformers loads. */
public final class HuggingFaceDirectory {
  private static final String VOCABULARY = "vocab_size";

  private HuggingFaceDirectory() {}

  /**
   * Writes base, adapters and changed weights as one model: weights, configuration, tokenizer.
   *
   * @param base where the weights come from
   * @param model the same, in memory
   * @param adapters what is added to it
   * @param type of the weights on disk
   * @throws RunFault if the directory cannot be written
   */
  public static void writeMerged(
      Path directory, PretrainedModel base, Model model, AdapterSet adapters, DType type) {
    writeMerged(directory, base, model, adapters, type, Long.MAX_VALUE);
  }

  /**
   * Likewise, in files of at most {@code shardBytes} where one tensor is not larger.
   *
   * @throws InputFault if there are new tokens and the configuration has no number of them
   * @throws RunFault if the directory cannot be written
   */
  public static void writeMerged(
      Path directory,
      PretrainedModel base,
      Model model,
      AdapterSet adapters,
      DType type,
      long shardBytes) {
    AtomicFiles.prepareDirectory(directory);
    MergedWeights merged = new MergedWeights(base, model, adapters);
    Map<String, Safetensors.Source> tensors = new LinkedHashMap<>();
    merged
        .shapes()
        .forEach(
            (name, shape) ->
                tensors.put(
                    name, new Safetensors.Source(type, shape, () -> merged.load(name, type))));
    boolean tied = !tensors.containsKey(TensorNames.HEAD);
    writeConfiguration(directory, base, model, type, tied);
    CompanionFiles.copy(base, directory);
    if (base.hasOtherTokenizer()) {
      writeTokenizer(directory, base);
    }
    ShardedSafetensors.write(directory, tensors, Map.of("format", "pt"), shardBytes);
  }

  private static void writeConfiguration(
      Path directory, PretrainedModel base, Model model, DType type, boolean tied) {
    ObjectNode config = base.config().deepCopy();
    if (model instanceof SequenceClassifier classifier) {
      addLabels(config, classifier);
    } else {
      // also where the base said otherwise than its weights are
      config.put("tie_word_embeddings", tied);
    }
    if (model instanceof CausalLm lm && lm.vocabularySize() != base.decoder().vocabularySize()) {
      if (!config.has(VOCABULARY)) { // a family of somebody's own calls it otherwise
        throw new InputFault(
            base.path()
                + ": its config.json has no vocab_size, so that it cannot say how many tokens there"
                + " are with the new ones");
      }
      config.put(VOCABULARY, lm.vocabularySize());
    }
    config.put("torch_dtype", type.name().toLowerCase(Locale.ROOT));
    if (config.has("dtype")) {
      config.put("dtype", type.name().toLowerCase(Locale.ROOT));
    }
    config.remove("quantization_config"); // one that is switched off
    AtomicFiles.writeText(directory.resolve("config.json"), Json.pretty(config));
  }

  /**
   * Writes tokenizer and chat template as they are with this model, which may be those of an
   * adapter.
   *
   * @throws RunFault if they cannot be written
   */
  public static void writeTokenizer(Path directory, PretrainedModel base) {
    CompanionFiles.copyTokenizer(base, directory);
  }

  /** The architecture with a head, whatever the base was saved as, and what its outputs mean. */
  private static void addLabels(ObjectNode config, SequenceClassifier model) {
    String architecture = config.path("architectures").path(0).asText();
    String family = architecture.replaceFirst("(Model|For[A-Za-z]+)$", "");
    config.putArray("architectures").add(family + "ForSequenceClassification");
    Labels labels = model.labels();
    config.put(
        "problem_type", labels.isRegression() ? Labels.REGRESSION : "single_label_classification");
    ObjectNode names = config.putObject("id2label");
    ObjectNode ids = config.putObject("label2id");
    List<String> classes = labels.isRegression() ? List.of("LABEL_0") : labels.classes();
    for (int i = 0; i < classes.size(); i++) {
      names.put("" + i, classes.get(i));
      ids.put(classes.get(i), i);
    }
  }
}
