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
 * LoRA-GA: with a sampled gradient U diag(σ) V, A starts as V[:r] and B as U[:, r:2r], scaled by
 * out^¼/√γ, so that the first step goes where full fine-tuning would; the base keeps W − s·B A
 * (Wang et al., arXiv 2407.05000).
 *
 * <p>The variant {@code peft} is HF PEFT's: A is not scaled, and B by σ too.
 */
public final class LoraGa implements PeftMethod {
  /** published: the authors' scale of A and B; peft: HF PEFT's, which scales B alone. */
  public static final MethodOption<String> VARIANT =
      MethodOption.choice(
          "lora-ga-variant",
          List.of("published", "peft"),
          "published: the authors' scale of A and B; peft: HF PEFT's, which scales B alone.");

  /** γ of the scale out^¼/√γ. */
  public static final MethodOption<Double> GAMMA =
      MethodOption.positive("lora-ga-gamma", 16, "γ of the scale out^¼/√γ.");

  @Override
  public String name() {
    return "lora-ga";
  }

  @Override
  public List<MethodOption<?>> options() {
    return List.of(VARIANT, GAMMA);
  }

  @Override
  public Set<Statistic> needs(PeftOptions options) {
    return Set.of(Statistic.GRADIENT);
  }

  @Override
  public List<LayerPlan> allocate(Targets targets, Statistics statistics, PeftOptions options) {
    double scaling = options.alphaOrRank() / options.rank();
    return LayerPlan.uniformWithin(targets, options, scaling, 2);
  }

  @Override
  public PeftAdapter start(
      Linear layer, LayerPlan plan, Statistics statistics, PeftOptions options, Random random) {
    int r = plan.rank();
    double scale = Math.pow((double) layer.outFeatures(), 0.25) / Math.sqrt(options.number(GAMMA));
    boolean published = options.text(VARIANT).equals("published");
    try (Scope scope = new Scope()) {
      Triplets t = LinearAlgebra.leadingTriplets(statistics.gradient(layer), 2L * r);
      Tensor v = t.v().narrow(0, 0, r);
      Tensor u = t.u().narrow(1, r, r);
      Tensor a = published ? v.mul(scale) : v;
      Tensor b = published ? u.mul(scale) : u.mul(t.sigma().narrow(0, r, r)).mul(scale);
      return LowRankAdapter.outOfBase(
          layer.name(),
          a.to(DType.FLOAT32).copy(),
          b.to(DType.FLOAT32).copy(),
          plan.scaling(),
          options.dropout());
    }
  }

  @Override
  public PeftAdapter resume(Linear layer, StoredLayer stored, PeftOptions options) {
    return stored.resumedOutOfBase(name(), layer, options.dropout());
  }
}
