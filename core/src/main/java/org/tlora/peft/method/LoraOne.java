/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import java.util.List;
import java.util.Set;
import org.tlora.calibrate.Statistic;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.DType;
import org.tlora.engine.LinearAlgebra;
import org.tlora.engine.LinearAlgebra.Triplets;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.RunFault;
import org.tlora.model.Linear;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.MethodOption;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.Targets;
import org.tlora.peft.adapter.LowRankAdapter;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.peft.adapter.StoredLayer;

/**
 * LoRA-One: with the mean gradient −G = U diag(σ) V of some samples, B starts as U √σ/√(σ₀γ) and A
 * as √σ V/√(σ₀γ), so that the run begins one step down the gradient in the best r directions; the
 * base is left as it is, and s = alpha/√r (Zhang et al., arXiv 2502.01235, and the authors' code,
 * whose roots and σ₀ the text leaves out).
 */
public final class LoraOne implements PeftMethod {
  /** γ of the scale 1/√(σ₀γ). */
  public static final MethodOption<Double> GAMMA =
      MethodOption.positive(
          "lora-one-gamma",
          128,
          "γ of the scale 1/√(σ₀γ): the greater, the shorter the first step.");

  @Override
  public String name() {
    return "lora-one";
  }

  @Override
  public List<MethodOption<?>> options() {
    return List.of(GAMMA);
  }

  @Override
  public Set<Statistic> needs(PeftOptions options) {
    return Set.of(Statistic.GRADIENT);
  }

  @Override
  public List<LayerPlan> allocate(Targets targets, Statistics statistics, PeftOptions options) {
    double scaling = options.alphaOrRank() / Math.sqrt((double) options.rank());
    return LayerPlan.uniformWithin(targets, options, scaling, 1);
  }

  @Override
  public PeftAdapter start(
      Linear layer, LayerPlan plan, Statistics statistics, PeftOptions options, Random random) {
    try (Scope scope = new Scope()) {
      Triplets t = LinearAlgebra.leadingTriplets(statistics.gradient(layer), plan.rank());
      double first = layer.device().isMeta() ? 1 : t.sigma().narrow(0, 0, 1).item();
      if (!(first > 0)) {
        throw new RunFault(
            "the gradient of " + layer.name() + " is 0, which lora-one cannot start from");
      }
      Tensor scale = t.sigma().mul(1 / (first * options.number(GAMMA))).sqrt(); // √(σ/σ₀γ), [rank]
      return new LowRankAdapter(
          layer.name(),
          t.v().mul(scale.unsqueeze(1)).to(DType.FLOAT32).contiguous().copy(),
          t.u().mul(scale).mulInPlace(-1).to(DType.FLOAT32).contiguous().copy(), // of −G
          plan.scaling(),
          options.dropout(),
          true);
    }
  }

  @Override
  public PeftAdapter resume(Linear layer, StoredLayer stored, PeftOptions options) {
    return stored.resumed(name(), layer, options.dropout());
  }
}
