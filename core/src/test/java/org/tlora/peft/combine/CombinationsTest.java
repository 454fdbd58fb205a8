/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.UsageFault;
import org.tlora.peft.adapter.LoraFactors;
import org.tlora.peft.adapter.StoredLayer;
import org.tlora.peft.combine.ModuleParts.Part;

/** Combinations by what they promise, on factors of a few numbers. */
class CombinationsTest {
  private static final double[] WEIGHTS = {0.5, -0.7, 1.1};
  private static final double[] SCALINGS = {2, 0.5, 1};

  /** Three adapters of a module with 6 inputs and 5 outputs; the caller closes their factors. */
  private static ModuleParts parts(long seed, boolean biases, int... ranks) {
    List<Part> parts = new ArrayList<>();
    try (Random random = new Random(Device.CPU, seed)) {
      for (int i = 0; i < ranks.length; i++) {
        StoredLayer layer =
            new StoredLayer(
                random.normal(0, 1, ranks[i], 6),
                random.normal(0, 1, 5, ranks[i]),
                biases ? random.normal(0, 1, 5) : null,
                null,
                null,
                SCALINGS[i],
                0);
        parts.add(new Part(i, WEIGHTS[i], layer));
      }
    }
    return new ModuleParts("layers.0.q_proj", parts);
  }

  private static void close(ModuleParts parts) {
    parts.parts().forEach(p -> p.stored().close());
  }

  private static CombinationSettings settings(Double density, Integer rank, KeptMasks masks) {
    return new CombinationSettings(density, null, rank, masks).withDefaults(4);
  }

  private static double[] product(LoraFactors f) {
    assertEquals(1, f.scaling());
    return f.b().mm(f.a()).toDoubles();
  }

  /** Σ wᵢΔᵢ. */
  private static double[] sum(ModuleParts parts) {
    Tensor sum = null;
    for (Part p : parts.parts()) {
      Tensor one = p.delta().mul(p.weight());
      sum = sum == null ? one : sum.add(one);
    }
    return sum.toDoubles();
  }

  @Property(tries = 25)
  void catAndSvdOfEnoughRankAreTheWeightedSum(
      @ForAll @IntRange(min = 1, max = 7) int r, @ForAll long seed) {
    ModuleParts parts = parts(seed, true, r, 1 + r % 3, 2);
    try (Scope scope = new Scope()) {
      for (String name : List.of("cat", "svd")) {
        LoraFactors f =
            Combinations.named(name)
                .combine(parts, settings(null, name.equals("svd") ? 99 : null, null));
        assertArrayEquals(sum(parts), product(f), 1e-4, name);
        double[] bias = f.bias().toDoubles();
        for (int i = 0; i < 5; i++) {
          double expected = 0;
          for (Part p : parts.parts()) {
            expected += p.weight() * p.scaling() * p.stored().bias().toDoubles()[i];
          }
          assertEquals(expected, bias[i], 1e-5, "biases are added as deltas are");
        }
      }
    } finally {
      close(parts);
    }
  }

  /** No matrix of that rank is nearer than what is left of the singular values. */
  @Property(tries = 20)
  void svdIsTheNearestOfItsRank(@ForAll @IntRange(min = 1, max = 4) int rank, @ForAll long seed) {
    ModuleParts parts = parts(seed, false, 4, 4, 4);
    try (Scope scope = new Scope()) {
      Tensor whole = Tensor.ofDoubles(Device.CPU, sum(parts), 5, 6);
      double[] sigma = org.tlora.engine.LinearAlgebra.allTriplets(whole).sigma().toDoubles();
      double left = 0;
      for (int i = rank; i < sigma.length; i++) {
        left += sigma[i] * sigma[i];
      }
      LoraFactors f = Combinations.named("svd").combine(parts, settings(null, rank, null));
      Tensor near = Tensor.ofDoubles(Device.CPU, product(f), 5, 6);
      assertEquals(Math.sqrt(left), whole.sub(near).norm64(), 1e-4);
    } finally {
      close(parts);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "dare_linear, linear",
    "magnitude_prune, linear",
    "dare_linear_svd, svd",
    "magnitude_prune_svd, svd",
    "dare_ties, ties",
    "dare_ties_svd, ties_svd"
  })
  void wereNothingIsDroppedCombinationsAreThoseWithoutDropping(String dropping, String plain) {
    ModuleParts parts = parts(3, false, 4, 4, 4);
    try (Scope scope = new Scope()) {
      CombinationSettings all = settings(1.0, 3, null);
      assertArrayEquals(
          product(Combinations.named(plain).combine(parts, all)),
          product(Combinations.named(dropping).combine(parts, all)),
          1e-5);
    } finally {
      close(parts);
    }
  }

  @Test
  void theElectedSignIsThatOfTheSumOrOfMost() {
    try (Scope scope = new Scope()) {
      List<Tensor> t =
          List.of(
              Tensor.ofFloats(Device.CPU, new float[] {5, 0, 1, -2, 0}, 5),
              Tensor.ofFloats(Device.CPU, new float[] {-1, 0, -1, -4, 3}, 5),
              Tensor.ofFloats(Device.CPU, new float[] {-1, 0, 0, 1, 0}, 5));
      double[] w = {1, 2, 4};
      TensorMix mix = new TensorMix(TensorMix.Sparsity.NONE, true);
      double[] total = mix.merged(t, w, settings(1.0, null, null)).toDoubles();
      // 5 − 1 − 1 > 0; 1 − 1 = 0 counts as +; −2 and −4 with 1 and 2, two of them; 3 alone with 2
      assertArrayEquals(new double[] {5, 0, 1, -5, 6}, total, 1e-6);
      CombinationSettings most =
          new CombinationSettings(1.0, SignElection.FREQUENCY, null, null).withDefaults(1);
      assertArrayEquals(new double[] {-3, 0, 1, -5, 6}, mix.merged(t, w, most).toDoubles(), 1e-6);
    }
  }

  @Test
  void theGreatestInSizeAreKept() {
    try (Scope scope = new Scope()) {
      Tensor t = Tensor.ofFloats(Device.CPU, new float[] {1, -9, 3, 2, -4, 0.5f}, 2, 3);
      TensorMix mix = new TensorMix(TensorMix.Sparsity.MAGNITUDE, false);
      Tensor kept = mix.sparse(t, "m", 0, KeptMasks.Of.A, settings(0.6, null, null));
      assertArrayEquals(new float[] {0, -9, 3, 0, -4, 0}, kept.toFloats(), "⌊0.6 · 6⌋ = 3");
      Tensor none = mix.sparse(t, "m", 0, KeptMasks.Of.A, settings(0.1, null, null));
      assertEquals(0, none.absoluteSum());
      assertArrayEquals(new long[] {2, 3}, none.shape());
    }
  }

  @Test
  void masksFollowFromSeedModuleAdapterAndTensor() {
    try (Scope scope = new Scope()) {
      long[] shape = {400, 500};
      KeptMasks masks = KeptMasks.seeded(7);
      float[] one = masks.kept("a.q_proj", 0, KeptMasks.Of.A, 0.3, shape).toFloats();
      double kept = 0;
      for (float m : one) {
        assertTrue(m == 0 || m == 1);
        kept += m;
      }
      // the deviation of the share is √(0.3 · 0.7 / 200000) = 0.001
      assertEquals(0.3, kept / one.length, 0.005);
      assertArrayEquals(
          one, KeptMasks.seeded(7).kept("a.q_proj", 0, KeptMasks.Of.A, 0.3, shape).toFloats());
      List<float[]> others =
          List.of(
              KeptMasks.seeded(8).kept("a.q_proj", 0, KeptMasks.Of.A, 0.3, shape).toFloats(),
              masks.kept("a.k_proj", 0, KeptMasks.Of.A, 0.3, shape).toFloats(),
              masks.kept("a.q_proj", 1, KeptMasks.Of.A, 0.3, shape).toFloats(),
              masks.kept("a.q_proj", 0, KeptMasks.Of.B, 0.3, shape).toFloats());
      others.forEach(o -> assertFalse(Arrays.equals(one, o)));
    }
  }

  /** E of DARE is the undropped result, since what is kept is divided by the density. */
  @ParameterizedTest
  @ValueSource(strings = {"dare_linear", "dare_linear_svd"})
  void darePreservesTheExpectation(String name) {
    int draws = 600;
    ModuleParts parts = parts(5, true, 4, 4, 4);
    boolean factors = name.equals("dare_linear");
    try (Scope all = new Scope()) {
      LoraFactors plain =
          Combinations.named(factors ? "linear" : "svd").combine(parts, settings(null, 5, null));
      Tensor expected = factors ? plain.a() : plain.b().mm(plain.a());
      Tensor mean = expected.newZeros(expected.dtype(), expected.shape());
      Tensor bias = plain.bias().newZeros(plain.bias().dtype(), 5);
      for (int i = 0; i < draws; i++) {
        try (Scope one = new Scope()) {
          LoraFactors f =
              Combinations.named(name).combine(parts, settings(0.5, 5, KeptMasks.seeded(i)));
          mean.addInPlace(factors ? f.a() : f.b().mm(f.a()), 1.0 / draws);
          bias.addInPlace(f.bias(), 1.0 / draws);
        }
      }
      // a draw's values deviate by those of the parts, as 0.5 keeps or drops, the mean by √draws
      // less
      double square = 0;
      double ofBias = 0;
      for (Part p : parts.parts()) {
        Tensor t = factors ? p.a() : p.delta();
        double w = factors ? Math.sqrt(Math.abs(p.weight() * p.scaling())) : p.weight();
        square += w * w * t.sumOfSquares();
        ofBias += p.weight() * p.weight() * p.bias().sumOfSquares();
      }
      assertEquals(0, mean.sub(expected).norm(), 2 * Math.sqrt(square / draws));
      assertEquals(0, bias.sub(plain.bias()).norm(), 2 * Math.sqrt(ofBias / draws));
    } finally {
      close(parts);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "linear, density, 0.5",
    "linear, rank, 8",
    "cat, rank, 8",
    "svd, density, 0.5",
    "ties, rank, 8",
    "ties, seed, 1",
    "magnitude_prune, sign, total",
    "dare_linear, sign, total",
    "ties_svd, seed, 1"
  })
  void whatACombinationDoesNotUseIsRefused(String name, String setting, String value) {
    CombinationSettings said =
        new CombinationSettings(
            setting.equals("density") ? Double.valueOf(value) : null,
            setting.equals("sign") ? SignElection.TOTAL : null,
            setting.equals("rank") ? Integer.valueOf(value) : null,
            setting.equals("seed") ? KeptMasks.seeded(1) : null);
    UsageFault fault =
        assertThrows(UsageFault.class, () -> said.requireFor(Combinations.named(name), ""));
    assertTrue(fault.getMessage().contains("`" + setting + "`"), fault.getMessage());
    assertTrue(fault.getMessage().contains(name), fault.getMessage());
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.1, 1.5, Double.NaN})
  void densitiesAreSharesThatLeaveSomething(double density) {
    assertThrows(UsageFault.class, () -> new CombinationSettings(density, null, null, null));
  }

  @Test
  void namesThatAreNoneAreAnsweredWithAll() {
    UsageFault fault = assertThrows(UsageFault.class, () -> Combinations.named("slerp"));
    Combinations.all().forEach(c -> assertTrue(fault.getMessage().contains(c.name())));
  }
}
