/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import java.util.List;
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
 * PiSSA: with W = U diag(σ) V, B starts as U √(σ/s) and A as √(σ/s) V of the leading components;
 * the base keeps W − s·B A (Meng et al., arXiv 2404.02948).
 */
public final class Pissa implements PeftMethod {
  /** 0: exact; else that many iterations of the fast randomised decomposition. */
  public static final MethodOption<Integer> ITERATIONS =
      MethodOption.count(
          "pissa-iterations",
          0,
          "0: exact; else that many iterations of the fast randomised decomposition.");

  @Override
  public String name() {
    return "pissa";
  }

  @Override
  public List<MethodOption<?>> options() {
    return List.of(ITERATIONS);
  }

  @Override
  public List<LayerPlan> allocate(Targets targets, Statistics statistics, PeftOptions options) {
    double scaling = options.alphaOrRank() / options.rank();
    return LayerPlan.uniformWithin(targets, options, scaling, 1);
  }

  @Override
  public PeftAdapter start(
      Linear layer, LayerPlan plan, Statistics statistics, PeftOptions options, Random random) {
    int iterations = (int) options.whole(ITERATIONS);
    try (Scope scope = new Scope()) {
      Tensor w = layer.denseWeight();
      Triplets t =
          iterations == 0
              ? LinearAlgebra.leadingTriplets(w, plan.rank())
              : LinearAlgebra.randomisedTriplets(w, plan.rank(), iterations, random);
      Tensor root = t.sigma().mul(1 / plan.scaling()).sqrt(); // [rank]
      Tensor b = t.u().mul(root).to(DType.FLOAT32).copy();
      Tensor a = t.v().mul(root.unsqueeze(1)).to(DType.FLOAT32).copy();
      return LowRankAdapter.outOfBase(layer.name(), a, b, plan.scaling(), options.dropout());
    }
  }

  /** Those of W. */
  @Override
  public double[] spectrum(
      Linear layer, PeftAdapter started, Statistics statistics, PeftOptions options) {
    return SplitSpectrum.of(started);
  }

  @Override
  public PeftAdapter resume(Linear layer, StoredLayer stored, PeftOptions options) {
    return stored.resumedOutOfBase(name(), layer, options.dropout());
  }

  @Override
  public boolean findsInitialAgain(String initLoraWeights) {
    return initLoraWeights.equals("pissa");
  }
}
