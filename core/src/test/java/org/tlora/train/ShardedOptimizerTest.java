/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.autograd.Parameter;
import org.tlora.collective.Collective;
import org.tlora.collective.TogetherInThreads;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.UsageFault;

/** Shared out, an optimizer makes the same steps, keeps its share alone, and saves the whole. */
class ShardedOptimizerTest {
  private static final int STEPS = 6;

  private static List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>();
    try (Random random = new Random(Device.CPU, 1)) {
      for (int i = 0; i < 7; i++) {
        all.add(new Parameter("layer." + i, random.normal(0, 1, 5 + i, 3), i % 2 == 0 ? 1 : 4));
      }
    }
    return all;
  }

  private static void steps(List<Parameter> all, Optimizer optimizer, int from, int to) {
    for (int step = from; step < to; step++) {
      for (int i = 0; i < all.size(); i++) {
        try (Scope scope = new Scope();
            Random random = new Random(Device.CPU, 100L * step + i)) {
          Tensor value = all.get(i).value();
          all.get(i).accumulate(random.normal(0, 1, value.shape()));
        }
      }
      optimizer.step(0.01);
      all.forEach(Parameter::clearGradient);
    }
  }

  private static List<float[]> values(List<Parameter> all) {
    return all.stream().map(p -> p.value().toFloats()).toList();
  }

  private static void requireEqual(List<float[]> expected, List<float[]> actual) {
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), actual.get(i), "parameter " + i);
    }
  }

  private static Optimizer sharded(List<Parameter> all, Collective group, Optimizer.Factory of) {
    GradientBuckets buckets = new GradientBuckets(all, Set.of(), group.size(), 40);
    return new ShardedOptimizer(buckets, group, of);
  }

  private record Kept(List<float[]> values, Map<String, float[]> state, long elements) {}

  private static Kept half(Collective group) {
    List<Parameter> all = parameters();
    long[] elements = {0};
    Optimizer.Factory counted =
        pieces -> {
          pieces.forEach(p -> elements[0] += p.value().size());
          return new AdamW(pieces, 0.1);
        };
    try (Optimizer optimizer = sharded(all, group, counted);
        Scope scope = new Scope()) {
      steps(all, optimizer, 0, STEPS / 2);
      Map<String, float[]> state = new LinkedHashMap<>();
      optimizer.state().forEach((name, t) -> state.put(name, t.toFloats()));
      return new Kept(values(all), state, elements[0]);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void itMakesTheStepsOfAWholeOneAndSavesWhatThatWould(int size) throws Exception {
    List<Parameter> whole = parameters();
    try (AdamW alone = new AdamW(whole, 0.1)) {
      steps(whole, alone, 0, STEPS / 2);
      List<Kept> halves = TogetherInThreads.run(size, ShardedOptimizerTest::half);
      long all = whole.stream().mapToLong(p -> p.value().size()).sum();
      long most = halves.stream().mapToLong(Kept::elements).max().orElseThrow();
      assertEquals(all, halves.stream().mapToLong(Kept::elements).sum(), "each once");
      assertTrue(most <= all / size + 4L * whole.size(), "a process keeps its share: " + most);
      Map<String, Tensor> state = alone.state();
      assertEquals(state.keySet(), halves.get(0).state().keySet());
      state.forEach((name, t) -> assertArrayEquals(t.toFloats(), halves.get(0).state().get(name)));
      assertEquals(0, halves.get(1).state().size(), "the first saves for all");
      halves.forEach(h -> requireEqual(values(whole), h.values()));
      steps(whole, alone, STEPS / 2, STEPS);
      // what was saved does not depend on how many there were
      for (int others : new int[] {2, 3}) {
        List<List<float[]>> ends =
            TogetherInThreads.run(others, group -> rest(group, halves.get(0)));
        ends.forEach(end -> requireEqual(values(whole), end));
      }
    }
    whole.forEach(Parameter::close);
  }

  private static List<float[]> rest(Collective group, Kept from) {
    List<Parameter> all = parameters();
    try (Optimizer optimizer = sharded(all, group, pieces -> new AdamW(pieces, 0.1));
        Scope scope = new Scope()) {
      Map<String, Tensor> state = new LinkedHashMap<>();
      for (int i = 0; i < all.size(); i++) {
        Tensor value = all.get(i).value();
        value.copyFrom(Tensor.ofFloats(Device.CPU, from.values().get(i), value.shape()));
        for (Map.Entry<String, float[]> e : from.state().entrySet()) {
          if (e.getKey().endsWith(all.get(i).name())) {
            state.put(e.getKey(), Tensor.ofFloats(Device.CPU, e.getValue(), value.shape()));
          }
        }
      }
      optimizer.restore(state, STEPS / 2);
      steps(all, optimizer, STEPS / 2, STEPS);
      return values(all);
    }
  }

  /** One that keeps something of another shape cannot be shared out, and is told so. */
  @Test
  void anOptimizerThatKeepsSomethingElseIsRefused() {
    assertThrows(
        UsageFault.class,
        () ->
            TogetherInThreads.run(
                2,
                group -> {
                  List<Parameter> all = parameters();
                  try (Optimizer o = sharded(all, group, pieces -> new Counting());
                      Scope scope = new Scope()) {
                    return o.state().size();
                  }
                }));
  }

  private static final class Counting implements Optimizer {
    private final Tensor count = Tensor.zeros(Device.CPU, DType.FLOAT32, 1);

    @Override
    public void step(double learningRate) {}

    @Override
    public Map<String, Tensor> state() {
      return Map.of("steps", count);
    }

    @Override
    public void restore(Map<String, Tensor> state, long steps) {}

    @Override
    public void close() {
      count.close();
    }
  }
}
