/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import java.util.List;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.Random;
import org.tlora.engine.Tensor;
import org.tlora.model.Linear;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.MethodOption;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.adapter.LowRankAdapter;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.peft.adapter.StoredLayer;

/** LoRA+: as LoRA, but B learns at a multiple of A's rate (Hayou et al., arXiv 2402.12354). */
public final class LoraPlus implements PeftMethod {
  /** B's learning rate by A's. */
  public static final MethodOption<Double> RATIO =
      MethodOption.positive("lora-plus-ratio", 16, "B's learning rate by A's.");

  @Override
  public String name() {
    return "lora+";
  }

  @Override
  public List<MethodOption<?>> options() {
    return List.of(RATIO);
  }

  @Override
  public PeftAdapter start(
      Linear layer, LayerPlan plan, Statistics statistics, PeftOptions options, Random random) {
    Tensor a = KaimingUniform.a(layer, plan.rank(), random);
    return adapter(layer, a, KaimingUniform.b(layer, plan.rank(), random), plan.scaling(), options);
  }

  @Override
  public PeftAdapter resume(Linear layer, StoredLayer stored, PeftOptions options) {
    stored.requireNothingFixed(name());
    return adapter(layer, stored.a().copy(), stored.b().copy(), stored.scaling(), options);
  }

  private static PeftAdapter adapter(
      Linear layer, Tensor a, Tensor b, double scaling, PeftOptions options) {
    return LowRankAdapter.withRateOfB(
        layer.name(), a, b, scaling, options.dropout(), options.number(RATIO));
  }
}
