/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.examples;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tlora.LanguageModel;
import org.tlora.TrainedAdapter;
import org.tlora.TrainingResult;
import org.tlora.Tuning;
import org.tlora.model.DecoderConfig;
import org.tlora.model.family.DecoderBuilder;
import org.tlora.model.family.GgufLayout;
import org.tlora.model.family.HubConfig;
import org.tlora.model.family.ModelFamily;

/** Trains and merges a model of a family of one's own. */
public final class CustomFamily {
  private CustomFamily() {}

  /** A Llama whose config.json has names of its own, with biases on queries, keys and values. */
  static final class House implements ModelFamily {
    /** What config.json calls the fields that the builder asks for. */
    private static final Map<String, String> NAMES =
        Map.of(
            "hidden_size", "width",
            "num_hidden_layers", "depth",
            "attention_bias", "biased");

    @Override
    public Set<String> architectures() {
      return Set.of("HouseForCausalLM");
    }

    @Override
    public String modelType() {
      return "house";
    }

    @Override
    public DecoderConfig config(HubConfig config) {
      HubConfig c = config.named(NAMES);
      c.ignore("motto"); // any other field that nothing asks for is named to the user
      c.refuse("experts");
      return new DecoderBuilder(c, DecoderBuilder.Defaults.LLAMA)
          .biases(c.flag("attention_bias", false), false, false)
          .build();
    }

    /** llama.cpp does not know it, but would compute the same with it as a Llama. */
    @Override
    public Optional<GgufLayout> ggufToWrite() {
      return Optional.of(GgufLayout.of("llama", "LlamaForCausalLM", "llama").interleaved());
    }
  }

  /** Arguments: the model, a file of rows, an output directory. */
  public static void main(String[] args) {
    try (LanguageModel model = LanguageModel.of(args[0]).family(new House()).load()) {
      Path output = Path.of(args[2]);
      TrainingResult result =
          model
              .train(
                  Tuning.builder()
                      .data(args[1])
                      .template("plain")
                      .rank(4)
                      .steps(2)
                      .calibrationSamples("4")
                      .output(output)
                      .build())
              .join();
      try (TrainedAdapter adapter = model.adapter(result.output().toString())) {
        model.export(adapter).merged(output.resolveSibling(output.getFileName() + "-merged"));
        model.export(adapter).gguf(output.resolveSibling(output.getFileName() + ".gguf"), "F16");
      }
      System.out.printf("house: last loss %.3f%n", result.loss());
    }
  }
}
