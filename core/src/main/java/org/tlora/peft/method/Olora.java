/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import java.util.List;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.DType;
import org.tlora.engine.LinearAlgebra;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.Linear;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.Targets;
import org.tlora.peft.adapter.LowRankAdapter;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.peft.adapter.StoredLayer;

/**
 * OLoRA: with W = Q R, B starts as the first columns of Q and A as the first rows of R; the base
 * keeps W − s·B A (Büyükakyüz, arXiv 2406.01775).
 */
public final class Olora implements PeftMethod {
  @Override
  public String name() {
    return "olora";
  }

  @Override
  public List<LayerPlan> allocate(Targets targets, Statistics statistics, PeftOptions options) {
    double scaling = options.alphaOrRank() / options.rank();
    return LayerPlan.uniformWithin(targets, options, scaling, 1);
  }

  @Override
  public PeftAdapter start(
      Linear layer, LayerPlan plan, Statistics statistics, PeftOptions options, Random random) {
    try (Scope scope = new Scope()) {
      LinearAlgebra.Factors qr = LinearAlgebra.qr(layer.denseWeight().to(DType.FLOAT32));
      Tensor b = qr.q().narrow(1, 0, plan.rank()).contiguous();
      Tensor a = qr.r().narrow(0, 0, plan.rank()).copy();
      return LowRankAdapter.outOfBase(layer.name(), a, b.copy(), plan.scaling(), options.dropout());
    }
  }

  @Override
  public PeftAdapter resume(Linear layer, StoredLayer stored, PeftOptions options) {
    return stored.resumedOutOfBase(name(), layer, options.dropout());
  }

  @Override
  public boolean findsInitialAgain(String initLoraWeights) {
    return initLoraWeights.equals("olora");
  }
}
