/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.data.Encoded;
import org.tlora.data.LearnedTokens;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.format.Json;
import org.tlora.model.Adaptation;
import org.tlora.model.Batch;
import org.tlora.model.CausalLm;
import org.tlora.model.Layout;
import org.tlora.model.Pass;
import org.tlora.pretrained.PretrainedModel;

/** Families and rotary embeddings of interop/families_golden.py, against transformers. */
class MoreFamiliesTest {
  @ParameterizedTest
  @ValueSource(strings = {"smollm3", "phi3_longrope"})
  void logitsLossAndGradientsEqualTransformers(String family) throws URISyntaxException {
    Path directory = Path.of(MoreFamiliesTest.class.getResource("/families/" + family).toURI());
    JsonNode expected = Json.readObject(directory.resolve("expected.json"));
    try (PretrainedModel files = PretrainedModel.open(directory);
        CausalLm model = files.load(DType.FLOAT32);
        Scope scope = new Scope()) {
      List<Parameter> parameters = model.unfreeze();
      int[] shortIds = Expect.ints(expected.path("short_ids"));
      Pass brief = Pass.inference(Layout.of(shortIds.length));
      check(expected.path("short_logits"), Passes.logits(model, brief, shortIds).toFloats(), 0);

      Batch batch = Batch.of(List.of(row(expected, 0), row(expected, 1)));
      Pass pass = Pass.recorded(Tape.recording(), Layout.of(batch.lengths()), Adaptation.NONE);
      Variable hidden = model.hidden(pass, batch.ids());
      float[] logits = Passes.logits(model, pass, hidden).toFloats();
      check(expected.path("logits").get(0), logits, 0);
      check(expected.path("logits").get(1), logits, batch.lengths()[0]);
      Variable loss = Passes.loss(model, pass, hidden, batch, batch.targets().length);
      assertEquals(expected.path("loss").asDouble(), loss.value().item(), 1e-4, "loss");
      pass.tape().backward(loss, null);
      Expect.gradientNorms(expected.path("gradient_norms"), parameters);
    }
  }

  private static Encoded row(JsonNode expected, int r) {
    return new LearnedTokens(
        Expect.ints(expected.path("input_ids").get(r)),
        Expect.ints(expected.path("labels").get(r)));
  }

  private static void check(JsonNode rows, float[] logits, int from) {
    int vocabulary = rows.get(0).size();
    for (int i = 0; i < rows.size(); i++) {
      int at = (from + i) * vocabulary;
      Expect.close(
          rows.get(i), Arrays.copyOfRange(logits, at, at + vocabulary), 1e-4, "logits at " + i);
    }
  }
}
