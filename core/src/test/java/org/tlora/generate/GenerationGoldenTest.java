/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tlora.engine.DType;
import org.tlora.format.Json;
import org.tlora.golden.Expect;
import org.tlora.golden.Shared;
import org.tlora.model.AdapterMix;
import org.tlora.model.CausalLm;
import org.tlora.pretrained.PretrainedModel;

/** Sampling probabilities and greedy texts equal those of transformers. */
class GenerationGoldenTest {
  private final JsonNode golden = Json.readObject(Shared.path("golden/generation.json"));

  @Test
  void probabilitiesEqualTransformersForEverySetting() {
    BitSet history = new BitSet();
    for (JsonNode id : golden.path("history")) {
      history.set(id.asInt());
    }
    for (JsonNode c : golden.path("cases")) {
      double[] p =
          new TokenSampler(sampling(c.path("settings")), 0).probabilities(logits(), history);
      for (int i = 0; i < p.length; i++) {
        assertEquals(
            c.path("probabilities").get(i).asDouble(), p[i], 1e-6, c.path("settings") + " at " + i);
      }
    }
    assertEquals(17, golden.path("cases").size());
  }

  @Test
  void drawnTokensFollowTheProbabilities() {
    TokenSampler sampler = new TokenSampler(new Sampling(false, 1.5, 8, 1, 0, 1, 0, 7), 0);
    double[] p = sampler.probabilities(logits(), new BitSet());
    int[] counts = new int[p.length];
    int draws = 40_000;
    for (int i = 0; i < draws; i++) {
      counts[sampler.next(logits(), new BitSet())]++;
    }
    for (int i = 0; i < p.length; i++) {
      double deviation = Math.sqrt(p[i] * (1 - p[i]) / draws);
      assertEquals(p[i], (double) counts[i] / draws, 5 * deviation + 1e-9, "token " + i);
    }
  }

  @Test
  void greedyTextsEqualTransformersAloneAndSideBySide() {
    try (PretrainedModel files = PretrainedModel.open(Shared.path("golden/tiny-llama"));
        CausalLm model = files.load(DType.FLOAT32)) {
      Generator generator = new Generator(model, AdapterMix.NONE, null, files.generationEos());
      for (double penalty : new double[] {1.0, 1.3}) {
        List<GenerationRequest> requests = new ArrayList<>();
        List<JsonNode> expected = new ArrayList<>();
        for (JsonNode c : golden.path("greedy")) {
          if (c.path("repetition_penalty").asDouble() == penalty) {
            requests.add(new GenerationRequest(Expect.ints(c.path("prompt_ids")), 48));
            expected.add(c.path("new_ids"));
          }
        }
        Sampling greedy = new Sampling(true, 1, 0, 1, 0, penalty, 0, 0);
        for (int atOnce : new int[] {1, 5}) {
          List<Generation> out =
              generator.generate(requests, greedy, StopWords.NONE, atOnce, n -> {});
          for (int i = 0; i < out.size(); i++) {
            Expect.ids(expected.get(i), out.get(i).ids(), "text " + i + ", " + atOnce + " at once");
          }
        }
        assertEquals(12, requests.size());
      }
    }
  }

  @Test
  void aPaddedBatchOfTransformersEqualsOurPackedOne() {
    JsonNode batch = golden.path("left_padded_batch");
    try (PretrainedModel files = PretrainedModel.open(Shared.path("golden/tiny-llama"));
        CausalLm model = files.load(DType.FLOAT32)) {
      List<GenerationRequest> requests = new ArrayList<>();
      for (int r = 0; r < batch.path("input_ids").size(); r++) {
        int[] ids = Expect.ints(batch.path("input_ids").get(r));
        int padding = 0;
        while (batch.path("attention_mask").get(r).get(padding).asInt() == 0) {
          padding++;
        }
        requests.add(
            new GenerationRequest(java.util.Arrays.copyOfRange(ids, padding, ids.length), 48));
      }
      List<Generation> out =
          new Generator(model, AdapterMix.NONE, null, files.generationEos())
              .generate(requests, Sampling.GREEDY, StopWords.NONE, 3, n -> {});
      for (int r = 0; r < out.size(); r++) {
        int[] expected = Expect.ints(batch.path("new_ids").get(r));
        int[] ids = java.util.Arrays.copyOf(expected, out.get(r).ids().length);
        assertEquals(
            java.util.Arrays.toString(ids),
            java.util.Arrays.toString(out.get(r).ids()),
            "row " + r);
      }
    }
  }

  @Test
  void theFirstSampledTokenHasTransformersProbabilities() {
    JsonNode first = golden.path("first_step_sampling");
    try (PretrainedModel files = PretrainedModel.open(Shared.path("golden/tiny-llama"));
        CausalLm model = files.load(DType.FLOAT32)) {
      int[] prompt = Expect.ints(first.path("prompt_ids"));
      Generation g =
          new Generator(model, AdapterMix.NONE, null, List.of())
              .generate(
                  new GenerationRequest(prompt, 0).withLogits(), Sampling.GREEDY, StopWords.NONE);
      BitSet seen = new BitSet();
      for (int id : prompt) {
        seen.set(id);
      }
      double[] p = new TokenSampler(sampling(first), 0).probabilities(g.lastPromptLogits(), seen);
      for (int i = 0; i < p.length; i++) {
        double expected = first.path("nonzero_probabilities").path("" + i).asDouble(0);
        assertEquals(expected, p[i], 1e-5, "token " + i);
      }
    }
  }

  private static Sampling sampling(JsonNode s) {
    return new Sampling(
        false,
        s.path("temperature").asDouble(1),
        s.path("top_k").asInt(0),
        s.path("top_p").asDouble(1),
        s.path("min_p").asDouble(0),
        s.path("repetition_penalty").asDouble(1),
        0,
        0);
  }

  private float[] logits() {
    float[] logits = new float[golden.path("logits").size()];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) golden.path("logits").get(i).asDouble();
    }
    return logits;
  }
}
