/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.export.HuggingFaceDirectory;
import org.tlora.generate.Generation;
import org.tlora.generate.GenerationRequest;
import org.tlora.generate.Generator;
import org.tlora.generate.Sampling;
import org.tlora.generate.StopWords;
import org.tlora.model.AdapterMix;
import org.tlora.model.AdapterSet;
import org.tlora.model.CausalLm;
import org.tlora.pretrained.PretrainedModel;

/** Logits and greedy text of a trained model. */
final class Afterwards {
  private Afterwards() {}

  static JsonNode expected(Path golden) {
    return TinyLlama.Golden.read(golden.resolve("after.json").toString());
  }

  static void compare(CausalLm model, AdapterSet adapters, JsonNode after, String logits) {
    Generator generator = new Generator(model, AdapterMix.of(adapters), null, List.of(2));
    for (JsonNode row : after) {
      int[] prompt = Expect.ints(row.path("prompt_ids"));
      try (Scope scope = new Scope()) {
        Generation g =
            generator.generate(
                new GenerationRequest(prompt, 32).withLogits(), Sampling.GREEDY, StopWords.NONE);
        Expect.close(row.path(logits), g.lastPromptLogits(), 1e-4, logits);
        Expect.ids(row.path("greedy_ids"), g.ids(), "greedy ids");
      }
    }
  }

  /** The same for the model with its adapters merged, from disk. */
  static void compareMerged(TinyLlama tiny, AdapterSet adapters, Path directory, JsonNode after) {
    HuggingFaceDirectory.writeMerged(
        directory, tiny.files(), tiny.model(), adapters, DType.FLOAT32);
    try (PretrainedModel files = PretrainedModel.open(directory);
        CausalLm model = files.load(DType.FLOAT32)) {
      compare(
          model,
          AdapterSet.empty(),
          after,
          after.get(0).has("merged_last_logits") ? "merged_last_logits" : "last_logits");
    }
  }
}
