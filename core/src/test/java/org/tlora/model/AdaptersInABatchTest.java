/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.calibrate.Statistics;
import org.tlora.data.Encoded;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.golden.Passes;
import org.tlora.model.AdapterMix.Weighted;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.peft.method.PeftMethods;
import org.tlora.quickstart.TinyModels;

/** Adapters travel with the pass: the model is the same for all, and for all threads. */
class AdaptersInABatchTest {
  @TempDir private Path directory;

  /** A method's adapters on all layers and tables that it goes on, away from where they start. */
  private static AdapterSet adapters(CausalLm model, String method, long seed) {
    PeftOptions options = new PeftOptions(4, 8, 0);
    LayerPlan plan = new LayerPlan(4, 8, 2, false);
    Map<Linear, PeftAdapter> all = new LinkedHashMap<>();
    try (Random random = new Random(Device.CPU, seed);
        Scope scope = new Scope()) {
      for (Linear l : model.adaptable().toList()) {
        if (l.isLookup() && method.equals("adalora")) {
          continue;
        }
        PeftAdapter a =
            PeftMethods.named(method).start(l, plan, Statistics.none(), options, random);
        for (Parameter p : a.parameters()) {
          p.value().addInPlace(random.normal(0, 0.01, p.value().shape()));
        }
        all.put(l, a);
      }
    }
    return new AdapterSet(all);
  }

  private static float[] logits(CausalLm model, Batch batch, Adaptation adapters) {
    try (Scope scope = new Scope()) {
      Pass pass = Pass.inference(Layout.of(batch.lengths()), adapters);
      return Passes.logits(model, pass, batch.ids()).toFloats();
    }
  }

  @Test
  void rowsWithAdaptersOfDifferentMethodsAndNoneAreThoseOfEachAlone() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32);
        AdapterSet lora = adapters(tiny.model(), "lora", 1);
        AdapterSet dora = adapters(tiny.model(), "dora", 2);
        AdapterSet adalora = adapters(tiny.model(), "adalora", 3)) {
      List<Encoded> rows = tiny.rows(4);
      List<AdapterMix> mixes =
          List.of(
              AdapterMix.of(lora), AdapterMix.NONE, AdapterMix.of(dora), AdapterMix.of(adalora));
      Batch batch = Batch.of(rows);
      Layout layout = Layout.of(batch.lengths());
      float[] together = logits(tiny.model(), batch, Adaptation.ofRows(layout, mixes));
      int at = 0;
      for (int r = 0; r < 4; r++) {
        float[] alone =
            logits(tiny.model(), Batch.of(rows.subList(r, r + 1)), Adaptation.of(mixes.get(r)));
        assertClose(alone, Arrays.copyOfRange(together, at, at + alone.length), "row " + r);
        at += alone.length;
      }
      assertEquals(together.length, at);
      assertThrows(
          IllegalArgumentException.class, () -> Adaptation.ofRows(layout, mixes.subList(0, 3)));
    }
  }

  @Test
  void gradientsOfRowsWithDifferentAdaptersAreThoseOfEachAlone() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32);
        AdapterSet lora = adapters(tiny.model(), "lora", 1);
        AdapterSet dora = adapters(tiny.model(), "dora", 2)) {
      List<Encoded> rows = tiny.rows(2);
      List<AdapterMix> mixes = List.of(AdapterMix.of(dora), AdapterMix.of(lora));
      Batch batch = Batch.of(rows);
      List<float[]> alone = new ArrayList<>();
      for (int r = 0; r < 2; r++) {
        backward(tiny.model(), Batch.of(rows.subList(r, r + 1)), Adaptation.of(mixes.get(r)));
        alone.addAll(taken(r == 0 ? dora : lora));
      }
      backward(tiny.model(), batch, Adaptation.ofRows(Layout.of(batch.lengths()), mixes));
      List<float[]> together = new ArrayList<>(taken(dora));
      together.addAll(taken(lora));
      for (int i = 0; i < alone.size(); i++) {
        assertClose(alone.get(i), together.get(i), "parameter " + i);
      }
    }
  }

  /** To 1e-5 of the largest element, or of 1 where that is larger. */
  private static void assertClose(float[] expected, float[] actual, String what) {
    float largest = 1;
    for (float v : expected) {
      largest = Math.max(largest, Math.abs(v));
    }
    assertArrayEquals(expected, actual, 1e-5f * largest, what);
  }

  private static void backward(CausalLm model, Batch batch, Adaptation adapters) {
    try (Scope scope = new Scope();
        Tape tape = Tape.recording()) {
      Pass pass = Pass.recorded(tape, Layout.of(batch.lengths()), adapters);
      Variable hidden = model.hidden(pass, batch);
      tape.backward(Passes.loss(model, pass, hidden, batch, 10), null);
    }
  }

  private static List<float[]> taken(AdapterSet adapters) {
    List<float[]> all = new ArrayList<>();
    for (Parameter p : adapters.parameters()) {
      all.add(p.gradient().toFloats());
      p.clearGradient();
    }
    return all;
  }

  /** y = W x + Σ w (f(x) − W x): of products the weighted sum, of one with the weight 1 itself. */
  @Test
  void severalWeightedAdaptersAddUp() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32);
        AdapterSet lora = adapters(tiny.model(), "lora", 1);
        AdapterSet dora = adapters(tiny.model(), "dora", 2);
        Scope scope = new Scope();
        Random random = new Random(Device.CPU, 9)) {
      Linear layer = tiny.model().linears().get(0);
      Tensor x = random.normal(0, 1, 5, layer.inFeatures());
      Tensor base = layer.product(x);
      Tensor expected = base.copy();
      for (AdapterSet set : List.of(lora, dora)) {
        Tensor own = base.copy();
        Adaptation.of(set).forward(Pass.inference(Layout.of(5)), layer, x, own, false);
        expected.addInPlace(own.sub(base), set == lora ? 0.25 : -0.5);
      }
      Tensor mixed = base.copy();
      AdapterMix mix = new AdapterMix(List.of(new Weighted(lora, 0.25), new Weighted(dora, -0.5)));
      Adaptation.of(mix).forward(Pass.inference(Layout.of(5)), layer, x, mixed, false);
      assertArrayEquals(expected.toFloats(), mixed.toFloats(), 1e-5f);
    }
  }

  @Test
  void threadsShareAModelWithAdaptersOfTheirOwn() throws Exception {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32);
        AdapterSet lora = adapters(tiny.model(), "lora", 1);
        AdapterSet dora = adapters(tiny.model(), "dora", 2)) {
      Batch batch = Batch.of(tiny.rows(3));
      List<Adaptation> each = List.of(Adaptation.of(lora), Adaptation.of(dora), Adaptation.NONE);
      List<float[]> alone = each.stream().map(a -> logits(tiny.model(), batch, a)).toList();
      ExecutorService threads = Executors.newFixedThreadPool(3);
      try {
        List<Future<float[]>> all = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
          Adaptation own = each.get(i % 3);
          all.add(threads.submit(() -> logits(tiny.model(), batch, own)));
        }
        for (int i = 0; i < all.size(); i++) {
          assertArrayEquals(alone.get(i % 3), all.get(i).get(), 1e-5f);
        }
      } finally {
        threads.shutdownNow();
      }
    }
  }
}
