/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.data.Encoded;
import org.tlora.data.LearnedTokens;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.format.Json;
import org.tlora.generate.Generation;
import org.tlora.generate.GenerationRequest;
import org.tlora.generate.Generator;
import org.tlora.generate.Sampling;
import org.tlora.generate.StopWords;
import org.tlora.model.Adaptation;
import org.tlora.model.AdapterMix;
import org.tlora.model.Batch;
import org.tlora.model.CausalLm;
import org.tlora.model.Layout;
import org.tlora.model.Pass;
import org.tlora.pretrained.PretrainedModel;

/** Logits, loss and the gradient of every weight equal those of transformers. */
class FamiliesGoldenTest {
  static List<String> families() {
    return List.of(
        "llama3",
        "smollm2",
        "llama_bias_linear_rope",
        "mistral",
        "qwen2",
        "qwen2_yarn",
        "qwen3",
        "qwen3_tied",
        "gemma2",
        "gemma3_text",
        "phi3",
        "olmo2",
        "granite");
  }

  @ParameterizedTest
  @MethodSource("families")
  void logitsLossAndGradientsEqualTransformers(String family) {
    Path directory = Shared.path("golden/families/" + family);
    JsonNode expected = Json.readObject(directory.resolve("expected.json"));
    try (PretrainedModel files = PretrainedModel.open(directory);
        CausalLm model = files.load(DType.FLOAT32);
        Scope scope = new Scope()) {
      List<Parameter> parameters = model.unfreeze();
      Batch batch = Batch.of(rows(expected));
      int width = expected.path("input_ids").get(0).size();
      Pass pass =
          Pass.recorded(
              Tape.recording(), layout(batch, leftPadding(expected), width), Adaptation.NONE);
      Variable hidden = model.hidden(pass, batch.ids());
      float[] logits = Passes.logits(model, pass, hidden).toFloats();
      int vocabulary = model.config().vocabularySize();
      JsonNode all = expected.path("logits").path("row0_all_positions");
      for (int i = 0; i < width; i++) {
        Expect.close(all.get(i), row(logits, i, vocabulary), 1e-4, "logits at " + i);
      }
      Expect.close(
          expected.path("logits").path("row1_last"),
          row(logits, 2 * width - 1, vocabulary),
          1e-4,
          "left-padded row");
      Expect.close(
          expected.path("logits").path("row2_position13"),
          row(logits, 2 * width + 13, vocabulary),
          1e-4,
          "right-padded row");

      Variable loss = Passes.loss(model, pass, hidden, batch, batch.targets().length);
      assertEquals(expected.path("loss").asDouble(), loss.value().item(), 1e-4, "loss");
      pass.tape().backward(loss, null);
      Expect.gradientNorms(expected.path("gradient_norms"), parameters);
    }
  }

  /** Beyond the window of those that have one, and with the cache's keys. */
  @ParameterizedTest
  @MethodSource("families")
  void greedyTextsEqualTransformers(String family) {
    Path directory = Shared.path("golden/families/" + family);
    JsonNode expected = Json.readObject(directory.resolve("expected.json"));
    try (PretrainedModel files = PretrainedModel.open(directory);
        CausalLm model = files.load(DType.FLOAT32)) {
      List<GenerationRequest> requests = new ArrayList<>();
      for (int r = 0; r < 2; r++) {
        int[] ids = Expect.ints(expected.path("input_ids").get(r));
        int padding = r == 1 ? leftPadding(expected) : 0;
        requests.add(new GenerationRequest(Arrays.copyOfRange(ids, padding, ids.length), 12));
      }
      List<Generation> out =
          new Generator(model, AdapterMix.NONE, null, model.config().eosTokens())
              .generate(requests, Sampling.GREEDY, StopWords.NONE, 2, n -> {});
      for (int r = 0; r < 2; r++) {
        int[] got = out.get(r).ids(); // the reference fills up with padding behind eos
        int[] want = Expect.ints(expected.path("greedy_rows_0_1").get(r));
        assertArrayEquals(Arrays.copyOf(want, got.length), got, family + ", row " + r);
        assertTrue(got.length == want.length || got[got.length - 1] == 2, "ends at eos only");
      }
    }
  }

  /** Rows without their right padding; the left padding of row 1 stays, as the reference saw it. */
  private static List<Encoded> rows(JsonNode expected) {
    List<Encoded> rows = new ArrayList<>();
    for (int r = 0; r < 3; r++) {
      int[] mask = Expect.ints(expected.path("attention_mask").get(r));
      int length = mask.length;
      while (mask[length - 1] == 0) {
        length--;
      }
      rows.add(
          new LearnedTokens(
              Arrays.copyOf(Expect.ints(expected.path("input_ids").get(r)), length),
              Arrays.copyOf(Expect.ints(expected.path("labels").get(r)), length)));
    }
    return rows;
  }

  private static int leftPadding(JsonNode expected) {
    int[] mask = Expect.ints(expected.path("attention_mask").get(1));
    int n = 0;
    while (mask[n] == 0) {
      n++;
    }
    return n;
  }

  /**
   * The reference's loss includes one prediction made at a padding token, whose scores are all
   * masked by the lowest float: they drown in it, and attention becomes uniform over the whole row.
   */
  private static Layout layout(Batch batch, int padding, int width) {
    float[] mask = new float[width * width];
    for (int i = 0; i < width; i++) {
      for (int j = 0; j < width; j++) {
        boolean visible = i >= padding && j >= padding && j <= i;
        mask[i * width + j] = visible ? 0 : -Float.MAX_VALUE;
      }
    }
    Tensor tensor = Tensor.ofFloats(Device.CPU, mask, width, width);
    List<Layout.Segment> segments = new ArrayList<>(Layout.of(batch.lengths()).segments());
    Layout.Segment s = segments.get(1);
    segments.set(1, new Layout.Segment(s.offset(), s.length(), 0, null, tensor));
    return new Layout(segments);
  }

  private static float[] row(float[] logits, int row, int vocabulary) {
    return Arrays.copyOfRange(logits, row * vocabulary, (row + 1) * vocabulary);
  }
}
