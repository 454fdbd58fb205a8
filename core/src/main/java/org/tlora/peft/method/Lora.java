/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import java.util.List;
import java.util.Set;
import org.tlora.calibrate.Statistic;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.fault.UsageFault;
import org.tlora.model.Linear;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.MethodOption;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.adapter.LowRankAdapter;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.peft.adapter.StoredLayer;
import org.tlora.train.TrainingRule;

/**
 * LoRA: A random, B = 0, s = alpha / rank (Hu et al., arXiv 2106.09685); on a rounded base also
 * with factors that make up for the rounding. As LoRA-FA (Zhang et al., arXiv 2308.03303) A is
 * frozen, and the steps of B are projected.
 */
public final class Lora implements PeftMethod {
  /** Whether A is frozen and the steps of B are projected. */
  public static final MethodOption<Boolean> FROZEN_A =
      MethodOption.flag(
          "lora-fa",
          "LoRA-FA: freeze A, and let the optimizer step by B's gradient times (A Aᵀ)⁻¹/s², as HF"
              + " PEFT's LoRA-FA optimizer does.");

  @Override
  public String name() {
    return "lora";
  }

  @Override
  public List<MethodOption<?>> options() {
    return List.of(RoundingStart.START, FROZEN_A);
  }

  @Override
  public Set<Statistic> needs(PeftOptions options) {
    return RoundingStart.needs(options.text(RoundingStart.START));
  }

  @Override
  public PeftAdapter start(
      Linear layer, LayerPlan plan, Statistics statistics, PeftOptions options, Random random) {
    String start = options.text(RoundingStart.START);
    if (layer.isLookup() && !trainsA(options)) {
      throw new UsageFault(
          "`loraFa` does not go with `targetModules` " + layer.type() + ", whose A starts at zero");
    }
    if (!start.equals(RoundingStart.START.defaultValue())) {
      try (Scope scope = new Scope()) {
        RoundingStart.Factors f = RoundingStart.of(start, layer, plan, statistics);
        return new LowRankAdapter(
            layer.name(), f.a(), f.b(), plan.scaling(), options.dropout(), trainsA(options));
      }
    }
    return new LowRankAdapter(
        layer.name(),
        KaimingUniform.a(layer, plan.rank(), random),
        KaimingUniform.b(layer, plan.rank(), random),
        plan.scaling(),
        options.dropout(),
        trainsA(options));
  }

  private static boolean trainsA(PeftOptions options) {
    return !options.flag(FROZEN_A);
  }

  @Override
  public PeftAdapter resume(Linear layer, StoredLayer stored, PeftOptions options) {
    return trainsA(options)
        ? stored.resumed(name(), layer, options.dropout())
        : stored.resumedWhole(name(), layer, options.dropout(), false);
  }

  @Override
  public TrainingRule rule(
      List<? extends PeftAdapter> adapters, PeftOptions options, long totalSteps) {
    return trainsA(options) ? TrainingRule.NONE : new ProjectedSteps(adapters);
  }
}
