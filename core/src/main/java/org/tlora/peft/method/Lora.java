/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import java.util.List;
import java.util.Set;
import org.tlora.calibrate.Statistic;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.model.Linear;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.MethodOption;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.adapter.LowRankAdapter;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.peft.adapter.StoredLayer;

/**
 * LoRA: A random, B = 0, s = alpha / rank (Hu et al., arXiv 2106.09685); on a rounded base also
 * with factors that make up for the rounding.
 */
public final class Lora implements PeftMethod {
  @Override
  public String name() {
    return "lora";
  }

  @Override
  public List<MethodOption<?>> options() {
    return List.of(RoundingStart.START);
  }

  @Override
  public Set<Statistic> needs(PeftOptions options) {
    return RoundingStart.needs(options.text(RoundingStart.START));
  }

  @Override
  public PeftAdapter start(
      Linear layer, LayerPlan plan, Statistics statistics, PeftOptions options, Random random) {
    String start = options.text(RoundingStart.START);
    if (!start.equals(RoundingStart.START.defaultValue())) {
      try (Scope scope = new Scope()) {
        RoundingStart.Factors f = RoundingStart.of(start, layer, plan, statistics);
        return new LowRankAdapter(
            layer.name(), f.a(), f.b(), plan.scaling(), options.dropout(), true);
      }
    }
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
