package org.tlora.peft.method;

import java.util.List;
import java.util.Set;
import org.tlora.calibrate.Statistic;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.DType;
import org.tlora.engine.Random;
import org.tlora.engine.Tensor;
import org.tlora.model.Linear;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.LowRankAdapter;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;

/**
 * LoRA: A Kaiming-uniform with a = √5, which is uniform within ±1/√in, B = 0, s = alpha / rank (Hu
 * et al., arXiv 2106.09685).
 */
public final class Lora implements PeftMethod {
  @Override
  public String name() {
    return "lora";
  }

  @Override
  public Set<Statistic> needs() {
    return Set.of();
  }

  @Override
  public List<LayerPlan> allocate(List<Linear> layers, Statistics statistics, PeftOptions options) {
    double scaling = options.alpha() / options.rank();
    LayerPlan same = new LayerPlan(options.rank(), options.alpha(), scaling, false);
    return layers.stream().map(layer -> same).toList();
  }

  @Override
  public LowRankAdapter start(
      Linear layer, LayerPlan plan, Statistics statistics, PeftOptions options, Random random) {
    double bound = 1 / Math.sqrt((double) layer.inFeatures());
    Tensor a = random.uniform(-bound, bound, plan.rank(), layer.inFeatures());
    Tensor b = Tensor.zeros(DType.FLOAT32, layer.outFeatures(), plan.rank());
    return new LowRankAdapter(layer.name(), a, b, plan.scaling(), options.dropout(), true);
  }

  @Override
  public boolean trainsA(PeftOptions options) {
    return true;
  }
}
