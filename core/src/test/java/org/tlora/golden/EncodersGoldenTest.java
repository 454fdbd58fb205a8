/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.data.LabelledTokens;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.format.Json;
import org.tlora.model.Adaptation;
import org.tlora.model.Batch;
import org.tlora.model.Layout;
import org.tlora.model.Pass;
import org.tlora.model.SequenceClassifier;
import org.tlora.pretrained.PretrainedModel;

/** Scores, loss and the gradient of every weight of encoders equal those of transformers. */
class EncodersGoldenTest {
  @ParameterizedTest
  @ValueSource(strings = {"bert", "bert_regression", "roberta", "distilbert", "deberta-v2"})
  void logitsLossAndGradientsEqualTransformers(String family) {
    Path directory = Shared.path("golden/families/" + family);
    JsonNode expected = Json.readObject(directory.resolve("expected.json"));
    try (PretrainedModel files = PretrainedModel.open(directory);
        SequenceClassifier model =
            files.loadClassifier(files.labels().orElseThrow(), DType.FLOAT32);
        Scope scope = new Scope()) {
      assertEquals(List.of(), model.newWeights(), "all of the head is there");
      Batch batch = Batch.of(rows(expected));
      float[] logits = model.logits(batch, Adaptation.NONE).toFloats();
      int outputs = logits.length / 3;
      for (int r = 0; r < 3; r++) {
        float[] row = Arrays.copyOfRange(logits, r * outputs, (r + 1) * outputs);
        Expect.close(expected.path("logits").get(r), row, 1e-4, "row " + r);
      }
      List<Parameter> parameters = model.unfreeze();
      checkLossAndGradients(model, batch, expected, parameters, false);
      checkLossAndGradients(model, batch, expected, parameters, true);
      model.restore();
      assertArrayEquals(logits, model.logits(batch, Adaptation.NONE).toFloats());
    }
  }

  private static void checkLossAndGradients(
      SequenceClassifier model,
      Batch batch,
      JsonNode expected,
      List<Parameter> parameters,
      boolean recompute) {
    try (Scope scope = new Scope();
        Tape tape = Tape.recording()) {
      Pass pass =
          new Pass(tape, Layout.of(batch.lengths()), Adaptation.NONE, null, null, recompute);
      Variable loss = Passes.loss(model, pass, model.hidden(pass, batch), batch, 3);
      assertEquals(expected.path("loss").asDouble(), loss.value().item(), 1e-4, "loss");
      tape.backward(loss, null);
      Expect.gradientNorms(expected.path("gradient_norms"), parameters);
    }
  }

  /** Rows without their padding. */
  private static List<LabelledTokens> rows(JsonNode expected) {
    List<LabelledTokens> rows = new ArrayList<>();
    for (int r = 0; r < 3; r++) {
      int length = Arrays.stream(Expect.ints(expected.path("attention_mask").get(r))).sum();
      int[] ids = Arrays.copyOf(Expect.ints(expected.path("input_ids").get(r)), length);
      rows.add(new LabelledTokens(ids, length, expected.path("labels").get(r).asDouble()));
    }
    return rows;
  }
}
