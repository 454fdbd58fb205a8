/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.adapter;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.tlora.autograd.GradientCheck;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.Adaptation;
import org.tlora.model.Adapter;
import org.tlora.model.CausalLm;
import org.tlora.model.Dropouts;
import org.tlora.model.Layout;
import org.tlora.model.Linear;
import org.tlora.model.Pass;
import org.tlora.model.RandomModels;
import org.tlora.model.RandomWeights;
import org.tlora.peft.adapter.RandomAdapters.Drawn;
import org.tlora.peft.adapter.RandomAdapters.Kind;

/** Each kind of adapter by itself goes back along the slopes of what it makes of an output. */
class AdapterGradientsTest {
  private static CausalLm model(long seed, DType type) {
    var config = RandomModels.decoder(new SplittableRandom(seed), 1);
    return new CausalLm(config, RandomWeights.of(config, seed), type);
  }

  private static Pass pass(Tape tape, long tokens, boolean drops) {
    Layout layout = Layout.of(Math.toIntExact(tokens));
    return new Pass(
        tape, layout, Adaptation.NONE, null, Dropouts.of(drops ? 5L : null, layout), false);
  }

  /** What a layer does with the way back of its adapter. */
  private static Variable run(Tape tape, Drawn drawn, Variable x, Tensor base, boolean drops) {
    Linear layer = drawn.layer();
    Tensor input = x.value();
    Pass pass = pass(tape, input.size(0), drops);
    Adapter.Gradient way = drawn.adapter().forward(pass, layer, input, base, true);
    Variable y = new Variable(base, true);
    tape.record(y, dy -> back(way, layer, x, dy), way::close);
    return y;
  }

  private static void back(Adapter.Gradient way, Linear layer, Variable x, Tensor dy) {
    Tensor base = dy;
    if (way.scalesBase()) {
      base = dy.copy();
      way.toBaseGradient(base);
    }
    Tensor dx = x.requiresGradient() ? base.mm(layer.denseWeight()) : null;
    way.backward(dy, base, dx);
    if (dx != null) {
      x.accumulate(dx);
    }
  }

  @Property(tries = 14)
  void adaptersOfLayersGoBackToInputAndFactors(
      @ForAll Kind kind,
      @ForAll boolean inputWanted,
      @ForAll boolean drops,
      @ForAll boolean float64,
      @ForAll @IntRange(min = 0, max = 3) int which,
      @ForAll @IntRange(min = 1, max = 5) int rank,
      @ForAll @IntRange(min = 1, max = 20) int tokens,
      @ForAll long seed) {
    // DoRA's norms are in float32 whatever the layer computes in
    DType type = float64 && kind != Kind.DORA ? DType.FLOAT64 : DType.FLOAT32;
    try (Scope scope = new Scope();
        CausalLm model = model(seed, type);
        Random random = new Random(Device.CPU, seed)) {
      Linear layer = model.linears().get(which);
      Drawn drawn = RandomAdapters.on(layer, kind, rank, 0.3, random);
      Tensor x = GradientCheck.values(random, type, tokens, layer.inFeatures());
      GradientCheck.OfOne block = (tape, v) -> run(tape, drawn, v, layer.product(v.value()), drops);
      GradientCheck check = GradientCheck.of(random, x, inputWanted, block);
      drawn.addTo(check);
      check.check();
      drawn.adapter().close();
    }
  }

  /** Tokens come more than once; nothing is dropped from them. */
  @Property(tries = 10)
  void adaptersOfTablesGoBackToTheColumnsOfTheirTokens(
      @ForAll Kind kind,
      @ForAll boolean drops,
      @ForAll boolean float64,
      @ForAll @IntRange(min = 1, max = 5) int rank,
      @ForAll @IntRange(min = 1, max = 30) int tokens,
      @ForAll long seed) {
    DType type = float64 && kind != Kind.DORA ? DType.FLOAT64 : DType.FLOAT32;
    try (Scope scope = new Scope();
        CausalLm model = model(seed, type);
        Random random = new Random(Device.CPU, seed)) {
      Linear table = model.tables().get(0);
      int[] ids = RandomModels.ids(new SplittableRandom(seed), tokens, model.vocabularySize());
      Tensor index = Tensor.ofInts(Device.CPU, ids);
      Drawn drawn = RandomAdapters.on(table, kind, rank, 0.3, random);
      GradientCheck check =
          new GradientCheck(
              random,
              (tape, none) -> {
                Tensor rows = table.denseWeight().t().indexSelect(0, index);
                return run(tape, drawn, Variable.constant(index), rows, drops);
              });
      drawn.addTo(check);
      check.check();
      drawn.adapter().close();
    }
  }
}
