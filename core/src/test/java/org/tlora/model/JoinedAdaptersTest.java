/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.golden.Passes;
import org.tlora.model.AdapterMix.Weighted;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.peft.method.PeftMethods;
import org.tlora.quickstart.TinyModels;

/** Adapters of several sets in one product are those that are multiplied one after another. */
class JoinedAdaptersTest {
  @TempDir private Path directory;

  /** Adapters on every so many-th layer, of a rank that goes up and down, away from their start. */
  private static AdapterSet adapters(CausalLm model, String method, int seed, int every) {
    Map<Linear, PeftAdapter> all = new LinkedHashMap<>();
    try (Random random = new Random(Device.CPU, seed);
        Scope scope = new Scope()) {
      List<Linear> layers = model.linears();
      for (int i = 0; i < layers.size(); i += every) {
        LayerPlan plan = new LayerPlan(1 + (i + seed) % 3, 8, 2, false);
        PeftAdapter a =
            PeftMethods.named(method)
                .start(layers.get(i), plan, Statistics.none(), new PeftOptions(4, 8, 0), random);
        a.parameters()
            .forEach(p -> p.value().addInPlace(random.normal(0, 0.02, p.value().shape())));
        all.put(layers.get(i), a);
      }
    }
    return new AdapterSet(all);
  }

  private static float[] logits(CausalLm model, List<AdapterMix> mixes, JoinedAdapters joined) {
    int[] lengths = IntStream.range(0, mixes.size()).map(i -> 1 + i % 3).toArray();
    int[] ids = IntStream.range(0, IntStream.of(lengths).sum()).map(i -> 5 + 7 * i % 90).toArray();
    Layout layout = Layout.of(lengths);
    try (Scope scope = new Scope()) {
      Adaptation adaptation =
          joined == null
              ? Adaptation.ofRows(layout, mixes)
              : Adaptation.ofRows(layout, mixes, joined);
      return Passes.logits(model, Pass.inference(layout, adaptation), ids).toFloats();
    }
  }

  private static void assertAlike(CausalLm model, JoinedAdapters joined, List<AdapterMix> mixes) {
    float[] apart = logits(model, mixes, null);
    float largest = 1;
    for (float v : apart) {
      largest = Math.max(largest, Math.abs(v));
    }
    assertArrayEquals(apart, logits(model, mixes, joined), 1e-5f * largest);
  }

  @Test
  void whateverSetsAreInUseAndInWhateverOrder() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32);
        AdapterSet lora = adapters(tiny.model(), "lora", 1, 1);
        AdapterSet some = adapters(tiny.model(), "lora", 2, 2);
        AdapterSet pissa = adapters(tiny.model(), "pissa", 3, 1);
        AdapterSet dora = adapters(tiny.model(), "dora", 4, 3);
        AdapterSet empty = AdapterSet.empty();
        JoinedAdapters joined = new JoinedAdapters(tiny.model(), 1)) {
      AdapterMix a = AdapterMix.of(lora);
      AdapterMix b = AdapterMix.of(some);
      AdapterMix c = AdapterMix.of(pissa);
      AdapterMix weighted =
          new AdapterMix(List.of(new Weighted(lora, 0.5), new Weighted(pissa, -0.25)));
      AdapterMix half = new AdapterMix(List.of(new Weighted(some, 0.5)));
      CausalLm model = tiny.model();
      assertAlike(model, joined, List.of(AdapterMix.of(empty)));
      assertAlike(model, joined, List.of(a));
      assertTrue(joined.holdsSomething());
      assertAlike(model, joined, List.of(a, a, AdapterMix.NONE));
      assertAlike(model, joined, List.of(a, b, AdapterMix.NONE, a));
      assertAlike(model, joined, List.of(b));
      assertAlike(model, joined, List.of(half));
      assertAlike(model, joined, List.of(c, weighted, b, a, AdapterMix.of(empty)));
      assertAlike(model, joined, List.of(AdapterMix.NONE, AdapterMix.NONE));
      assertAlike(model, joined, List.of(a, AdapterMix.of(dora), b)); // no product on some layers
      assertAlike(model, joined, List.of(a, b));
    }
  }

  @Test
  void setsThatTakeTurnsAreHeldTogetherAndOthersAreGivenUp() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32);
        AdapterSet first = adapters(tiny.model(), "lora", 1, 1);
        AdapterSet second = adapters(tiny.model(), "lora", 2, 1);
        AdapterSet third = adapters(tiny.model(), "lora", 3, 1);
        JoinedAdapters joined = new JoinedAdapters(tiny.model(), 1)) {
      logits(tiny.model(), List.of(AdapterMix.of(first)), joined);
      logits(tiny.model(), List.of(AdapterMix.of(second)), joined);
      assertEquals(List.of(first, second), joined.sets());
      logits(tiny.model(), List.of(AdapterMix.of(first)), joined);
      assertEquals(List.of(first, second), joined.sets());
      logits(tiny.model(), List.of(AdapterMix.of(third)), joined);
      assertEquals(List.of(second, third), joined.sets());
      second.close();
      joined.dropClosed();
      assertEquals(List.of(), joined.sets());
      assertFalse(joined.holdsSomething());
    }
  }

  @Test
  void whatWouldBeTooLargeIsMultipliedOneAfterAnother() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32);
        AdapterSet lora = adapters(tiny.model(), "lora", 1, 1);
        JoinedAdapters joined = new JoinedAdapters(tiny.model(), 1e-5)) {
      assertAlike(tiny.model(), joined, List.of(AdapterMix.of(lora), AdapterMix.NONE));
      assertFalse(joined.holdsSomething());
    }
  }
}
