/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.tlora.autograd.GradientCheck;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.AdapterMix.Weighted;
import org.tlora.model.weight.WeightForms;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.peft.adapter.RandomAdapters;
import org.tlora.peft.adapter.RandomAdapters.Drawn;
import org.tlora.peft.adapter.RandomAdapters.Kind;

/** Linear layers that share an input go back to it, to their weights, and to what is on them. */
class LinearGradientsTest {
  private static LinearGroup group(SplittableRandom draw, int count, boolean bias, DType type) {
    long in = draw.nextInt(1, 30);
    RandomWeights weights = new RandomWeights(draw.nextLong());
    List<String> names = IntStream.range(0, count).mapToObj(i -> "linear" + i).toList();
    List<Long> sizes = draw.longs(count, 1, 20).boxed().toList();
    for (int i = 0; i < count; i++) {
      weights.linear(names.get(i), in, sizes.get(i), bias);
    }
    return LinearGroup.load(weights, names, sizes, in, bias, type);
  }

  private static List<Parameter> unfreeze(LinearGroup group) {
    List<Parameter> all = new ArrayList<>();
    for (Linear l : group.linears()) {
      l.unfreeze();
      all.add(l.weightParameter());
      if (l.biasParameter() != null) {
        all.add(l.biasParameter());
      }
    }
    return all;
  }

  @Property(tries = 8)
  void layersGoBackToInputWeightsAndBiases(
      @ForAll @IntRange(min = 1, max = 3) int count,
      @ForAll boolean bias,
      @ForAll boolean trains,
      @ForAll boolean inputWanted,
      @ForAll boolean float64,
      @ForAll @IntRange(min = 1, max = 20) int tokens,
      @ForAll long seed) {
    DType type = float64 ? DType.FLOAT64 : DType.FLOAT32;
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed);
        LinearGroup group = group(new SplittableRandom(seed), count, bias, type)) {
      Tensor x = GradientCheck.values(random, type, tokens, group.inFeatures());
      GradientCheck.OfOne block =
          (tape, v) -> group.forward(Pass.recorded(tape, Layout.of(tokens), Adaptation.NONE), v);
      GradientCheck.of(random, x, inputWanted, block)
          .parameters(trains || !inputWanted ? unfreeze(group) : List.of())
          .check();
    }
  }

  /** From 32 tokens on, products are of the numbers that the whole numbers stand for. */
  @Property(tries = 4)
  void layersInEightBitsGoBackToTheirInput(
      @ForAll @IntRange(min = 1, max = 3) int count,
      @ForAll boolean bias,
      @ForAll Kind kind,
      @ForAll @IntRange(min = 32, max = 40) int tokens,
      @ForAll long seed) {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed);
        LinearGroup group = group(new SplittableRandom(seed), count, bias, DType.FLOAT32)) {
      group.convert(WeightForms.named("int8"), AdapterSet.empty());
      Drawn drawn = RandomAdapters.on(group.linears().get(0), kind, 2, 0, random);
      Adaptation adapters = Adaptation.of(new AdapterSet(Map.of(drawn.layer(), drawn.adapter())));
      Tensor x = GradientCheck.values(random, DType.FLOAT32, tokens, group.inFeatures());
      GradientCheck check =
          GradientCheck.of(
              random,
              x,
              (tape, v) -> group.forward(Pass.recorded(tape, Layout.of(tokens), adapters), v));
      // the norms of DoRA's rows are found by products of few inputs, which are rounded
      if (kind != Kind.DORA) {
        drawn.addTo(check);
      }
      check.check();
      drawn.adapter().close();
    }
  }

  /** Several sets of adapters on the layers of a group, not all of which have one. */
  private static final class Sets {
    private final List<List<Drawn>> sets = new ArrayList<>();
    private final List<AdapterMix> mixes = new ArrayList<>();

    /**
     * Draws them.
     *
     * @param layers that adapters go on
     * @param rows each of which runs with a mix of some sets
     */
    Sets(SplittableRandom draw, Random random, List<Linear> layers, int rows) {
      List<AdapterSet> all = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Map<Linear, PeftAdapter> set = new LinkedHashMap<>();
        List<Drawn> drawn = new ArrayList<>();
        for (Linear l : layers) {
          if (draw.nextInt(4) > 0) {
            Kind kind = RandomModels.any(draw, List.of(Kind.values()));
            Drawn d = RandomAdapters.on(l, kind, draw.nextInt(1, 4), 0.3, random);
            drawn.add(d);
            set.put(l, d.adapter());
          }
        }
        sets.add(drawn);
        all.add(new AdapterSet(set));
      }
      for (int r = 0; r < rows; r++) {
        List<Weighted> mix = new ArrayList<>();
        for (AdapterSet set : all) {
          if (draw.nextBoolean()) {
            mix.add(new Weighted(set, draw.nextBoolean() ? 1 : 0.3 + draw.nextDouble()));
          }
        }
        mixes.add(new AdapterMix(mix));
      }
    }

    /** Lets the parameters be checked that some row runs with. */
    void addTo(GradientCheck check) {
      for (List<Drawn> set : sets) {
        for (Drawn d : set) {
          if (mixes.stream().anyMatch(m -> uses(m, d))) {
            d.addTo(check);
          }
        }
      }
    }

    private static boolean uses(AdapterMix mix, Drawn d) {
      return mix.on(d.layer()).stream()
          .anyMatch(w -> w.adapters().on(d.layer()).equals(d.adapter()));
    }

    /** Keeps the norms of all DoRAs constant. */
    void constantNorms() {
      sets.forEach(set -> set.forEach(d -> d.constantNorms().run()));
    }

    void close() {
      sets.forEach(set -> set.forEach(d -> d.adapter().close()));
    }
  }

  /** None, one and several on a layer, with dropout, and where weights train below them. */
  @Property(tries = 8)
  void rowsWithMixesOfAdaptersGoBackThroughAllOfThem(
      @ForAll @IntRange(min = 1, max = 3) int count,
      @ForAll @IntRange(min = 1, max = 3) int rows,
      @ForAll boolean bias,
      @ForAll boolean trains,
      @ForAll boolean inputWanted,
      @ForAll boolean drops,
      @ForAll long seed) {
    SplittableRandom draw = new SplittableRandom(seed);
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed);
        LinearGroup group = group(draw, count, bias, DType.FLOAT32)) {
      Layout layout = Layout.of(RandomModels.lengths(draw, rows, 6));
      Sets sets = new Sets(draw, random, group.linears(), rows);
      Adaptation adapters = Adaptation.ofRows(layout, sets.mixes);
      Tensor x = GradientCheck.values(random, DType.FLOAT32, layout.tokens(), group.inFeatures());
      GradientCheck check =
          GradientCheck.of(
              random,
              x,
              inputWanted || !trains,
              (tape, v) ->
                  group.forward(
                      new Pass(
                          tape,
                          layout,
                          adapters,
                          null,
                          Dropouts.of(drops ? 7L : null, layout),
                          false),
                      v));
      sets.addTo(check);
      if (trains) {
        unfreeze(group).forEach(p -> check.parameter(p, null, sets::constantNorms));
      }
      check.check();
      sets.close();
    }
  }

  /** An observer is shown what the loss changes by with the output of each layer. */
  @Property(tries = 5)
  void observersSeeTheGradientOfTheOutput(
      @ForAll @IntRange(min = 1, max = 3) int count,
      @ForAll @IntRange(min = 1, max = 9) int tokens,
      @ForAll long seed) {
    List<float[]> seen = new ArrayList<>();
    LinearObserver observer =
        new LinearObserver() {
          @Override
          public void onInput(List<Linear> linears, Tensor input) {}

          @Override
          public void onGradient(Linear linear, Tensor input, Tensor outputGradient) {
            seen.add(outputGradient.toFloats());
          }

          @Override
          public boolean wantsGradients(List<Linear> linears) {
            return true;
          }

          @Override
          public boolean hasSeenAll() {
            return false;
          }
        };
    try (Scope scope = new Scope();
        Tape tape = Tape.recording();
        Random random = new Random(Device.CPU, seed);
        LinearGroup group = group(new SplittableRandom(seed), count, false, DType.FLOAT32)) {
      Tensor x = random.normal(0, 1, tokens, group.inFeatures());
      Pass pass = new Pass(tape, Layout.of(tokens), Adaptation.NONE, observer, null, false);
      Variable y = group.forward(pass, Variable.constant(x));
      Tensor c = random.normal(0, 1, y.value().shape());
      tape.backward(y, c);
      assertEquals(count, seen.size());
      for (int i = 0; i < count; i++) {
        Linear l = group.linears().get(i);
        assertArrayEquals(c.narrow(1, l.offset(), l.outFeatures()).toFloats(), seen.get(i));
      }
    }
  }

  private static Embedding table(long rows, long width, int padToken, DType type, long seed) {
    RandomWeights weights = new RandomWeights(seed).with("table.weight", rows, width);
    return Embedding.of(weights, "table", rows, width, padToken, type);
  }

  /** 1 but for the row of one token. */
  private static Tensor withoutRow(Parameter p, int row) {
    Tensor mask = p.value().newZeros(DType.FLOAT64, p.value().shape()).fillInPlace(1);
    mask.narrow(0, row, 1).fillInPlace(0);
    return mask;
  }

  @Property(tries = 8)
  void lookupsGoBackToTheRowsOfTheirTokensButNotToPadding(
      @ForAll boolean whole,
      @ForAll boolean padded,
      @ForAll boolean float64,
      @ForAll boolean adapted,
      @ForAll Kind kind,
      @ForAll @IntRange(min = 3, max = 20) int vocabulary,
      @ForAll @IntRange(min = 1, max = 12) int width,
      @ForAll @IntRange(min = 1, max = 30) int tokens,
      @ForAll long seed) {
    SplittableRandom draw = new SplittableRandom(seed);
    int pad = padded ? draw.nextInt(vocabulary) : -1;
    DType type = float64 && kind != Kind.DORA ? DType.FLOAT64 : DType.FLOAT32;
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed);
        Embedding table = table(vocabulary, width, pad, type, seed)) {
      int[] ids = RandomModels.ids(draw, tokens, vocabulary);
      ids[0] = 1; // of the rows that train by themselves
      Drawn drawn = RandomAdapters.on(table.asLookup(), kind, 2, 0, random);
      Adaptation adapters =
          adapted
              ? Adaptation.of(new AdapterSet(Map.of(drawn.layer(), drawn.adapter())))
              : Adaptation.NONE;
      GradientCheck check =
          new GradientCheck(
              random,
              (tape, none) -> table.forward(Pass.recorded(tape, Layout.of(tokens), adapters), ids));
      if (adapted) {
        drawn.addTo(check);
      }
      if (whole) {
        table.unfreeze();
        Tensor mask = padded ? withoutRow(table.parameter(), pad) : null;
        check.parameter(table.parameter(), mask, drawn.constantNorms());
      } else if (pad != 1) {
        Parameter rows = table.unfreezeRows(new int[] {1, vocabulary - 1}).values();
        Tensor mask = pad == vocabulary - 1 ? withoutRow(rows, 1) : null;
        check.parameter(rows, mask, drawn.constantNorms());
      }
      if (whole || adapted || pad != 1) {
        check.check();
      }
      drawn.adapter().close();
    }
  }
}
