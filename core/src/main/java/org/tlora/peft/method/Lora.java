/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import org.tlora.calibrate.Statistics;
import org.tlora.engine.Random;
import org.tlora.model.Linear;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.adapter.LowRankAdapter;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.peft.adapter.StoredLayer;

/** LoRA: A random, B = 0, s = alpha / rank (Hu et al., arXiv 2106.09685). */
public final class Lora implements PeftMethod {
  @Override
  public String name() {
    return "lora";
  }

  @Override
  public PeftAdapter start(
      Linear layer, LayerPlan plan, Statistics statistics, PeftOptions options, Random random) {
    return new LowRankAdapter(
        layer.name(),
        KaimingUniform.a(layer, plan.rank(), random),
        KaimingUniform.b(layer, plan.rank(), random),
        plan.scaling(),
        options.dropout(),
        true);
  }

  @Override
  public PeftAdapter resume(Linear layer, StoredLayer stored, PeftOptions options) {
    return stored.resumed(name(), layer, options.dropout());
  }
}
