/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.tlora.autograd.GradientCheck;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Tape;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.DecoderConfig.AttentionConfig;
import org.tlora.model.DecoderConfig.HeadNorm;
import org.tlora.model.DecoderConfig.LayerAttention;
import org.tlora.model.DecoderConfig.NormConfig;
import org.tlora.model.DecoderConfig.NormPlacement;
import org.tlora.model.DecoderConfig.Scales;

/** Ways back of the small blocks between the products are the slopes of what they compute. */
class BlockGradientsTest {
  private static Pass pass(Tape tape, int tokens) {
    return Pass.recorded(tape, Layout.of(tokens), Adaptation.NONE);
  }

  private static DType type(boolean float64) {
    return float64 ? DType.FLOAT64 : DType.FLOAT32;
  }

  @Property(tries = 12)
  void everyActivationGoesBackAlongItsSlope(
      @ForAll Activation f,
      @ForAll boolean float64,
      @ForAll @IntRange(min = 1, max = 9) int rows,
      @ForAll @IntRange(min = 1, max = 70) int columns,
      @ForAll long seed) {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed)) {
      Tensor x = GradientCheck.values(random, type(float64), rows, columns);
      GradientCheck.of(random, x, (tape, v) -> ActivationStep.forward(pass(tape, rows), v, f))
          .check();
    }
  }

  @Property(tries = 12)
  void gateAndUpHaveTheGradientsOfTheirProduct(
      @ForAll Activation f,
      @ForAll boolean float64,
      @ForAll @IntRange(min = 1, max = 9) int rows,
      @ForAll @IntRange(min = 1, max = 40) int inner,
      @ForAll long seed) {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed)) {
      Tensor x = GradientCheck.values(random, type(float64), rows, 2L * inner);
      GradientCheck.of(random, x, (tape, v) -> GatedActivation.forward(pass(tape, rows), v, f))
          .check();
    }
  }

  /** The stream reaches the sum twice, so that a shared gradient is added to as well. */
  @Property(tries = 8)
  void aResidualSumGoesBackToStreamAndBranch(
      @ForAll boolean float64,
      @ForAll boolean scaled,
      @ForAll boolean streamWanted,
      @ForAll boolean branchWanted,
      @ForAll @IntRange(min = 1, max = 9) int rows,
      @ForAll @IntRange(min = 1, max = 40) int columns,
      @ForAll long seed) {
    double factor = scaled ? 0.22 : 1;
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed)) {
      new GradientCheck(
              random,
              (tape, v) -> {
                Pass pass = pass(tape, rows);
                var once = Residual.add(pass, v.get(0), v.get(1), factor);
                return Residual.add(pass, v.get(0), once, factor);
              })
          .input(GradientCheck.values(random, type(float64), rows, columns), streamWanted)
          .input(
              GradientCheck.values(random, type(float64), rows, columns),
              branchWanted || !streamWanted)
          .check();
    }
  }

  @Property(tries = 8)
  void rowsThatWereJoinedGoBackToWhereTheyCameFrom(
      @ForAll boolean firstWanted,
      @ForAll boolean secondWanted,
      @ForAll @IntRange(min = 1, max = 9) int above,
      @ForAll @IntRange(min = 1, max = 9) int below,
      @ForAll @IntRange(min = 1, max = 40) int columns,
      @ForAll long seed) {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed)) {
      new GradientCheck(random, (tape, v) -> Joined.forward(pass(tape, above), v.get(0), v.get(1)))
          .input(GradientCheck.values(random, DType.FLOAT64, above, columns), firstWanted)
          .input(
              GradientCheck.values(random, DType.FLOAT64, below, columns),
              secondWanted || !firstWanted)
          .check();
    }
  }

  @Property(tries = 8)
  void rootMeanSquareNormsGoBackToInputAndWeight(
      @ForAll boolean plusOne,
      @ForAll boolean trains,
      @ForAll boolean inputWanted,
      @ForAll @IntRange(min = 1, max = 9) int rows,
      @ForAll @IntRange(min = 2, max = 70) int size,
      @ForAll long seed) {
    NormConfig config = new NormConfig(NormPlacement.BEFORE, 1e-5, plusOne);
    RandomWeights weights = new RandomWeights(seed).with("norm.weight", size);
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed);
        RmsNorm norm = RmsNorm.load(weights, "norm", size, config)) {
      Tensor x = GradientCheck.values(random, DType.FLOAT32, rows, size);
      GradientCheck.OfOne block = (tape, v) -> norm.forward(pass(tape, rows), v);
      List<Parameter> parameters = new ArrayList<>();
      if (trains || !inputWanted) {
        norm.unfreeze();
        parameters.add(norm.parameter());
      }
      GradientCheck.of(random, x, inputWanted, block).parameters(parameters).check();
    }
  }

  /** ε is large, so that rows whose elements are nearly alike are no cliff. */
  @Property(tries = 8)
  void layerNormsGoBackToInputWeightAndBias(
      @ForAll boolean trains,
      @ForAll boolean inputWanted,
      @ForAll @IntRange(min = 1, max = 9) int rows,
      @ForAll @IntRange(min = 3, max = 70) int size,
      @ForAll long seed) {
    RandomWeights weights = new RandomWeights(seed).layerNorm("norm", size);
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed);
        LayerNorm norm = LayerNorm.load(weights, "norm", size, 0.1)) {
      Tensor x = GradientCheck.values(random, DType.FLOAT32, rows, size);
      GradientCheck.OfOne block = (tape, v) -> norm.forward(pass(tape, rows), v);
      List<Parameter> parameters = trains || !inputWanted ? norm.unfreeze() : List.of();
      GradientCheck.of(random, x, inputWanted, block).parameters(parameters).check();
    }
  }

  @Property(tries = 8)
  void normsOfQueriesAndKeysLeaveTheValuesAlone(
      @ForAll boolean each,
      @ForAll boolean plusOne,
      @ForAll boolean trains,
      @ForAll @IntRange(min = 1, max = 7) int tokens,
      @ForAll @IntRange(min = 1, max = 2) int keyHeads,
      @ForAll @IntRange(min = 1, max = 3) int sharing,
      @ForAll @IntRange(min = 2, max = 9) int headDim,
      @ForAll long seed) {
    int heads = keyHeads * sharing;
    AttentionConfig attention =
        new AttentionConfig(
            heads,
            keyHeads,
            headDim,
            1,
            0,
            false,
            false,
            each ? HeadNorm.EACH_HEAD : HeadNorm.ALL_HEADS,
            LayerAttention.full(1));
    NormConfig norm = new NormConfig(NormPlacement.BEFORE, 1e-6, plusOne);
    DecoderConfig config = RandomModels.decoder(20, 8, 8, attention, norm, true, Scales.NONE);
    RandomWeights weights = RandomWeights.of(config, seed);
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed);
        QueryKeyNorm both = QueryKeyNorm.load(weights, "model.layers.0.self_attn.", config)) {
      long width = (heads + 2L * keyHeads) * headDim;
      Tensor x = GradientCheck.values(random, DType.FLOAT32, tokens, width);
      List<Parameter> parameters = new ArrayList<>();
      if (trains) {
        both.norms().forEach(RmsNorm::unfreeze);
        both.norms().forEach(n -> parameters.add(n.parameter()));
      }
      GradientCheck.of(random, x, (tape, v) -> both.forward(pass(tape, tokens), v))
          .parameters(parameters)
          .check();
    }
  }
}
