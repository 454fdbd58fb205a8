/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.peft.adapter.LowRankAdapter;
import org.tlora.quickstart.TinyModels;

/** The fused end of a decoder: any seed, any weights, the gradients of what trains in it too. */
class OutputLayerTest {
  @TempDir private Path directory;

  /** Gradients of all that trains, with a loss and a seed of the way back. */
  private static List<float[]> gradients(
      CausalLm model, AdapterSet adapters, Batch batch, float[] weights, Double seed) {
    List<Parameter> trained = new ArrayList<>(adapters.parameters());
    trained.addAll(model.unfreezeTokens(new int[] {5, 9}));
    try (Scope scope = new Scope();
        Tape tape = Tape.recording()) {
      Pass pass = Pass.recorded(tape, Layout.of(batch.lengths()), Adaptation.of(adapters));
      Variable hidden = model.hidden(pass, batch);
      Variable loss =
          model.negativeLogLikelihood(pass, hidden, batch.targets(), batch.classes(), weights, 7);
      Tensor start =
          seed == null ? null : Tensor.ofFloats(Device.CPU, new float[] {seed.floatValue()}, 1);
      tape.backward(loss, start);
    }
    List<float[]> all = new ArrayList<>();
    for (Parameter p : trained) {
      all.add(p.gradient() == null ? new float[0] : p.gradient().toFloats());
      p.clearGradient();
    }
    model.restore();
    return all;
  }

  /** On a layer, on the embedding and on the output layer. */
  private static AdapterSet adapters(CausalLm model) {
    Map<Linear, LowRankAdapter> all = new LinkedHashMap<>();
    try (Random random = new Random(Device.CPU, 3)) {
      for (Linear l :
          List.of(model.linears().get(3), model.tables().get(0), model.tables().get(1))) {
        Tensor a = random.normal(0, 0.1, 3, l.inFeatures());
        Tensor b = random.normal(0, 0.1, l.outFeatures(), 3);
        all.put(l, new LowRankAdapter(l.name(), a, b, 1, 0, true));
      }
    }
    return new AdapterSet(all);
  }

  private void checkScaled(
      Function<Batch, float[]> weights, Double seed, Function<Float, Float> expected) {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32);
        AdapterSet adapters = adapters(tiny.model())) {
      Batch batch = Batch.of(tiny.rows(3));
      List<float[]> plain = gradients(tiny.model(), adapters, batch, null, null);
      List<float[]> scaled = gradients(tiny.model(), adapters, batch, weights.apply(batch), seed);
      for (int i = 0; i < plain.size(); i++) {
        float[] wanted = plain.get(i).clone();
        float largest = 1;
        for (int k = 0; k < wanted.length; k++) {
          wanted[k] = expected.apply(wanted[k]);
          largest = Math.max(largest, Math.abs(wanted[k]));
        }
        assertArrayEquals(wanted, scaled.get(i), 1e-5f * largest, "parameter " + i);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, -2, 0})
  void theSeedOfTheWayBackCounts(double seed) {
    checkScaled(batch -> null, seed, g -> (float) (seed * g));
  }

  @Test
  void aWeightForEachTargetCounts() {
    checkScaled(batch -> filled(batch, 3), null, g -> 3 * g);
  }

  private static float[] filled(Batch batch, float value) {
    float[] all = new float[batch.targets().length];
    Arrays.fill(all, value);
    return all;
  }

  /** The loss is the weighted sum of log-probabilities, and so is its gradient of each alone. */
  @Test
  void weightedTargetsAreTheSumOfEach() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32);
        AdapterSet adapters = adapters(tiny.model())) {
      Batch batch = Batch.of(tiny.rows(2));
      int n = batch.targets().length;
      float[] weights = new float[n];
      for (int i = 0; i < n; i++) {
        weights[i] = i % 3 - 0.5f;
      }
      try (Scope scope = new Scope()) {
        Pass pass = Pass.inference(Layout.of(batch.lengths()), Adaptation.of(adapters));
        Variable hidden = tiny.model().hidden(pass, batch);
        float[] logs =
            tiny.model()
                .logProbabilities(pass, hidden.value(), batch.targets(), batch.classes())
                .toFloats();
        double sum = 0;
        for (int i = 0; i < n; i++) {
          sum -= weights[i] * logs[i] / 7;
        }
        double loss =
            tiny.model()
                .negativeLogLikelihood(pass, hidden, batch.targets(), batch.classes(), weights, 7)
                .value()
                .item();
        assertEquals(sum, loss, 1e-5);
      }
      List<float[]> together = gradients(tiny.model(), adapters, batch, weights, null);
      float[] positive = weights.clone();
      float[] negative = weights.clone();
      for (int i = 0; i < n; i++) {
        positive[i] = Math.max(0, weights[i]);
        negative[i] = Math.min(0, weights[i]);
      }
      List<float[]> one = gradients(tiny.model(), adapters, batch, positive, null);
      List<float[]> other = gradients(tiny.model(), adapters, batch, negative, null);
      for (int i = 0; i < together.size(); i++) {
        for (int k = 0; k < together.get(i).length; k++) {
          assertEquals(one.get(i)[k] + other.get(i)[k], together.get(i)[k], 1e-5);
        }
      }
    }
  }

  /** Gradients of an earlier micro-batch stay beside those of a later one. */
  @Test
  void gradientsOfMicroBatchesAddUp() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32);
        AdapterSet adapters = adapters(tiny.model())) {
      Batch batch = Batch.of(tiny.rows(2));
      List<float[]> once = gradients(tiny.model(), adapters, batch, null, null);
      for (int i = 0; i < 2; i++) {
        try (Scope scope = new Scope();
            Tape tape = Tape.recording()) {
          Pass pass = Pass.recorded(tape, Layout.of(batch.lengths()), Adaptation.of(adapters));
          Variable hidden = tiny.model().hidden(pass, batch);
          tape.backward(
              tiny.model()
                  .negativeLogLikelihood(pass, hidden, batch.targets(), batch.classes(), null, 7),
              null);
        }
      }
      List<Parameter> parameters = adapters.parameters();
      for (int i = 0; i < parameters.size(); i++) {
        float[] twice = parameters.get(i).gradient().toFloats();
        for (int k = 0; k < twice.length; k++) {
          assertEquals(2 * once.get(i)[k], twice[k], 1e-5);
        }
      }
    }
  }
}
