/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.autograd.Parameter;
import org.tlora.collective.Collective;
import org.tlora.collective.TogetherInThreads;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.train.GradientBuckets.Bucket;

/**
 * Whatever order gradients come in, in however many parts, before the last way back or late in it,
 * all of them are in the sums.
 */
class GradientExchangeTest {
  private static final int PARAMETERS = 9;

  /** What one process adds to a parameter's gradient, in the order in which it does. */
  private record Addition(int parameter, float value, boolean inLastWayBack) {}

  /** Different in each process, and the same in each run. */
  private static List<Addition> additions(int seed, int rank) {
    Random draw = new Random(31L * seed + rank);
    List<Addition> before = new ArrayList<>();
    List<Addition> last = new ArrayList<>();
    for (int p = 0; p < PARAMETERS; p++) {
      int parts = draw.nextInt(4); // none: its rows have no part in it
      for (int i = 0; i < parts && p != 4; i++) { // 4 is reached by nobody
        boolean inLast = draw.nextBoolean();
        (inLast ? last : before).add(new Addition(p, draw.nextInt(100), inLast));
      }
    }
    Collections.shuffle(last, draw);
    before.addAll(last);
    return before;
  }

  private static List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>();
    for (int i = 0; i < PARAMETERS; i++) {
      all.add(new Parameter("p" + i, Tensor.zeros(Device.CPU, DType.FLOAT32, i + 1, 3)));
    }
    return all;
  }

  private static void play(List<Addition> additions, List<Parameter> all, Runnable lastBegins) {
    boolean begun = false;
    for (Addition a : additions) {
      if (a.inLastWayBack() && !begun) {
        lastBegins.run();
        begun = true;
      }
      Tensor value = all.get(a.parameter()).value();
      try (Scope scope = new Scope()) {
        all.get(a.parameter())
            .accumulate(value.newZeros(DType.FLOAT32, value.shape()).add(a.value()));
      }
    }
  }

  private static float expected(int seed, int size, int parameter) {
    float sum = 0;
    for (int r = 0; r < size; r++) {
      for (Addition a : additions(seed, r)) {
        sum += a.parameter() == parameter ? a.value() : 0;
      }
    }
    return sum;
  }

  @ParameterizedTest(name = "{0} processes, slices {1}")
  @CsvSource({"2, false", "3, false", "2, true", "3, true"})
  void nothingIsLost(int size, boolean slices) throws Exception {
    TogetherInThreads.run(
        size,
        group -> {
          for (int seed = 0; seed < 12; seed++) {
            check(group, seed, slices);
          }
          return null;
        });
  }

  /** One tensor at both ends of a model gets a gradient at both ends of the way back. */
  @Test
  void whatGrowsUntilTheEndIsSentOnce() throws Exception {
    TogetherInThreads.run(
        2,
        group -> {
          List<Parameter> all = parameters();
          GradientBuckets buckets = new GradientBuckets(all, Set.of(all.get(0)), 2, 5);
          try (GradientExchange exchange = new GradientExchange(buckets, group, false)) {
            List<Addition> backwards = new ArrayList<>(List.of(new Addition(0, 1, true)));
            for (int p = PARAMETERS - 1; p >= 0; p--) {
              backwards.add(new Addition(p, 1, true));
            }
            play(backwards, all, exchange::lastBegins);
            assertEquals(false, exchange.finish(), "nothing came too late");
            exchange.deliver(Set.of());
            assertArrayEquals(new float[] {4, 4, 4}, all.get(0).gradient().toFloats());
          }
          all.forEach(Parameter::close);
          return null;
        });
  }

  private static void check(Collective group, int seed, boolean slices) {
    List<Parameter> all = parameters();
    Set<Parameter> last = seed % 3 == 0 ? Set.of(all.get(0), all.get(8)) : Set.of();
    GradientBuckets buckets = new GradientBuckets(all, last, group.size(), 1 + seed * 4L);
    try (GradientExchange exchange = new GradientExchange(buckets, group, slices)) {
      play(additions(seed, group.rank()), all, exchange::lastBegins);
      if (group.any(exchange.finish())) {
        exchange.addLate();
      }
      Set<Parameter> unreached = exchange.unreached(group.sum(exchange.reached()));
      exchange.deliver(unreached);
      for (int i = 0; i < PARAMETERS; i++) {
        Parameter p = all.get(i);
        boolean none = unreached.contains(p);
        if (i == 4) {
          assertEquals(true, none, "nobody has reached it");
        }
        float[] sum = new float[(int) p.value().size()];
        Arrays.fill(sum, expected(seed, group.size(), i));
        if (none || slices) {
          assertNull(p.gradient());
        } else {
          assertArrayEquals(sum, p.gradient().toFloats(), "parameter " + i);
        }
      }
      for (int b = 0; b < exchange.slices().size(); b++) {
        Bucket bucket = buckets.all().get(b);
        assertArrayEquals(
            slice(bucket, group, seed, all), exchange.slices().get(b).toFloats(), "bucket " + b);
      }
    }
    all.forEach(Parameter::close);
  }

  /** What a process must be left with of a bucket. */
  private static float[] slice(Bucket bucket, Collective group, int seed, List<Parameter> all) {
    float[] whole = new float[(int) bucket.size()];
    for (int i = 0; i < bucket.parameters().size(); i++) {
      Parameter p = bucket.parameters().get(i);
      int from = Math.toIntExact(bucket.offsets().get(i));
      Arrays.fill(
          whole, from, from + (int) p.value().size(), expected(seed, group.size(), all.indexOf(p)));
    }
    int n = (int) bucket.slice(group.size());
    return Arrays.copyOfRange(whole, n * group.rank(), n * (group.rank() + 1));
  }
}
