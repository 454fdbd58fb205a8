/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.export.HuggingFaceDirectory;
import org.tlora.generate.Generation;
import org.tlora.generate.GenerationRequest;
import org.tlora.generate.Generator;
import org.tlora.generate.Sampling;
import org.tlora.generate.StopWords;
import org.tlora.model.AdapterMix;
import org.tlora.model.AdapterSet;
import org.tlora.model.CausalLm;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.method.PeftMethods;
import org.tlora.pretrained.BaseWeights;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.run.StepReport;
import org.tlora.tune.FineTuning;
import org.tlora.tune.Tunings;

/** Models whose matrices are codes compute and train as the programs that wrote them. */
class QuantisedBasesGoldenTest {
  private static final String NEXT = "golden/next/";

  @TempDir private Path directory;

  private static CausalLm load(PretrainedModel files, boolean asStored) {
    BaseWeights form = asStored ? BaseWeights.AS_STORED : BaseWeights.DENSE;
    CausalLm model = files.load(DType.FLOAT32, Device.CPU, form);
    assertEquals(!asStored, model.isDense());
    return model;
  }

  @ParameterizedTest
  @CsvSource({
    "nf4/tiny-llama-bnb-4bit, nf4/logits.json, prompts, true",
    "nf4/tiny-llama-bnb-4bit, nf4/logits.json, prompts, false",
    "nf4/tiny-llama-bnb-8bit, nf4/logits-int8.json, float32_on_dequantised_weights, false",
    "gguf-base/tiny.gguf, gguf-base/logits.json, prompts, true",
    "gguf-base/tiny.gguf, gguf-base/logits.json, prompts, false"
  })
  void logitsAreThoseOfTheReference(String model, String file, String key, boolean asStored) {
    JsonNode expected = TinyLlama.Golden.read(NEXT + file).path(key);
    assertFalse(expected.isEmpty());
    try (PretrainedModel files = PretrainedModel.open(Shared.path(NEXT + model));
        CausalLm lm = load(files, asStored)) {
      compare(lm, expected, 1e-4);
    }
  }

  /** A few inputs are multiplied in bfloat16. */
  @Test
  void matricesOfEightBitsAreRowsOfWholeNumbers() {
    JsonNode expected =
        TinyLlama.Golden.read(NEXT + "nf4/logits-int8.json").path("float32_on_dequantised_weights");
    try (PretrainedModel files =
            PretrainedModel.open(Shared.path(NEXT + "nf4/tiny-llama-bnb-8bit"));
        CausalLm lm = load(files, true)) {
      compare(lm, expected, 0.06);
    }
  }

  private static void compare(CausalLm lm, JsonNode expected, double tolerance) {
    Generator generator = new Generator(lm, AdapterMix.NONE, null, List.of(2));
    for (JsonNode row : expected) {
      Generation g =
          generator.generate(
              new GenerationRequest(Expect.ints(row.path("prompt_ids")), 0).withLogits(),
              Sampling.GREEDY,
              StopWords.NONE);
      Expect.close(row.path("last_logits"), g.lastPromptLogits(), tolerance, "last logits");
    }
  }

  @Test
  void blocksOfAFileAreTheNumbersOfTheReference() {
    JsonNode expected = TinyLlama.Golden.read(NEXT + "gguf-base/logits.json").path("dequantised");
    try (PretrainedModel files = PretrainedModel.open(Shared.path(NEXT + "gguf-base/tiny.gguf"));
        CausalLm lm = load(files, true)) {
      assertTrue(expected.size() > 10);
      expected
          .properties()
          .forEach(
              e -> {
                try (Scope scope = new Scope()) {
                  Tensor w = lm.weight(e.getKey());
                  JsonNode want = e.getValue();
                  double norm = want.path("norm").asDouble();
                  Expect.relative(norm, w.norm64(), 1e-6, 0, "norm of " + e.getKey());
                  float[] all = w.toFloats();
                  for (int i = 0; i < 4; i++) {
                    double first = want.path("first").path(i).asDouble();
                    double last = want.path("last").path(i).asDouble();
                    Expect.relative(first, all[i], 5e-6, 1e-8, e.getKey());
                    Expect.relative(last, all[all.length - 4 + i], 5e-6, 1e-8, e.getKey());
                  }
                }
              });
    }
  }

  @ParameterizedTest
  @CsvSource({
    "qlora, nf4/tiny-llama-bnb-4bit, methods/lora, 4, false",
    "qlora, nf4/tiny-llama-bnb-4bit, methods/lora, 2, true",
    "gguf-base, gguf-base/tiny.gguf, next/gguf-base, 4, false",
    "gguf-base, gguf-base/tiny.gguf, next/gguf-base, 2, true"
  })
  void trainingOnCodesEqualsHfPeft(
      String golden, String base, String start, int microBatch, boolean recompute) {
    JsonNode expected = ThirtySteps.expected(Shared.path(NEXT + golden));
    JsonNode after = Afterwards.expected(Shared.path(NEXT + golden));
    try (PretrainedModel files = PretrainedModel.open(Shared.path(NEXT + base));
        CausalLm lm = load(files, true);
        FineTuning tuning =
            new FineTuning(
                lm, PeftMethods.named("lora"), new PeftOptions(8, 16, 0), lm.linears())) {
      tuning.startFrom(Shared.path("golden/" + start + "/initial"));
      List<StepReport> steps =
          ThirtySteps.run(
              lm, tuning.adapters(), tuning.parameters(), tuning::rule, microBatch, recompute);
      ThirtySteps.compare(steps, expected, 1e-3);
      assertFalse(lm.isDense(), "nothing was expanded for good");
      Afterwards.compare(lm, tuning.adapters(), after, "last_logits");

      tuning.write(directory.resolve("adapter"), files);
      Path merged = directory.resolve("merged");
      try (AdapterSet back = Tunings.attach(directory.resolve("adapter"), lm)) {
        Afterwards.compare(lm, back, after, "last_logits");
        HuggingFaceDirectory.writeMerged(merged, files, lm, back, DType.FLOAT32);
      }
      try (PretrainedModel mergedFiles = PretrainedModel.open(merged);
          CausalLm whole = mergedFiles.load(DType.FLOAT32)) {
        Afterwards.compare(whole, AdapterSet.empty(), after, "merged_last_logits");
      }
    }
  }
}
