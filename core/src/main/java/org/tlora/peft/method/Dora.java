/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import org.tlora.calibrate.Statistics;
import org.tlora.engine.Random;
import org.tlora.fault.InputFault;
import org.tlora.model.Linear;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.adapter.DoraAdapter;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.peft.adapter.StoredLayer;

/**
 * DoRA: a LoRA that changes the direction of each row of W, and a magnitude for each, which starts
 * as the row's norm (Liu et al., arXiv 2402.09353).
 */
public final class Dora implements PeftMethod {
  @Override
  public String name() {
    return "dora";
  }

  @Override
  public PeftAdapter start(
      Linear layer, LayerPlan plan, Statistics statistics, PeftOptions options, Random random) {
    return new DoraAdapter(
        layer,
        KaimingUniform.a(layer, plan.rank(), random),
        KaimingUniform.b(layer, plan.rank(), random),
        null,
        plan.scaling(),
        options.dropout());
  }

  @Override
  public PeftAdapter resume(Linear layer, StoredLayer stored, PeftOptions options) {
    if (stored.magnitude() == null) {
      throw new InputFault(
          "the adapter of " + layer.name() + " has no lora_magnitude_vector: it is not DoRA's");
    }
    return new DoraAdapter(
        layer,
        stored.a().copy(),
        stored.b().copy(),
        stored.magnitude().copy(),
        stored.scaling(),
        options.dropout());
  }
}
