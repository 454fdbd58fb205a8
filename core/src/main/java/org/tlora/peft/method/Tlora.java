package org.tlora.peft.method;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.tlora.calibrate.Statistic;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.DType;
import org.tlora.engine.LinearAlgebra;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.Linear;
import org.tlora.peft.BudgetAllocation;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.LowRankAdapter;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;

/**
 * TLoRA (Task-aware Low Rank Adaptation): rank and alpha are shared out by sensitivity, A holds the
 * leading right singular vectors of W·C and stays frozen, B starts at zero and trains. The scaling
 * is alpha_i / r with the configured r, not the layer's rank.
 */
public final class Tlora implements PeftMethod {
  @Override
  public String name() {
    return "tlora";
  }

  @Override
  public Set<Statistic> needs() {
    return Set.of(Statistic.COVARIANCE, Statistic.SENSITIVITY);
  }

  @Override
  public List<LayerPlan> allocate(List<Linear> layers, Statistics statistics, PeftOptions options) {
    double[] scores = layers.stream().mapToDouble(statistics::sensitivity).toArray();
    int[] most =
        layers.stream().mapToInt(l -> (int) Math.min(l.inFeatures(), l.outFeatures())).toArray();
    int[] ranks = BudgetAllocation.ranks(scores, options.rank(), 1, most);
    double[] alphas = BudgetAllocation.alphas(scores, options.alpha());
    double total = java.util.Arrays.stream(scores).sum();
    List<LayerPlan> plans = new ArrayList<>();
    for (int i = 0; i < ranks.length; i++) {
      double share = Math.rint((double) options.rank() * scores.length * scores[i] / total);
      boolean bounded = share < 1 || share > most[i];
      plans.add(new LayerPlan(ranks[i], alphas[i], alphas[i] / options.rank(), bounded));
    }
    return plans;
  }

  @Override
  public LowRankAdapter start(
      Linear layer, LayerPlan plan, Statistics statistics, PeftOptions options, Random random) {
    try (Scope scope = new Scope()) {
      Tensor w = layer.weight().to(DType.FLOAT32);
      Tensor product = w.mm(statistics.covariance(layer)); // W·C [out, in]
      Tensor a = LinearAlgebra.rightSingularVectors(product, plan.rank());
      Tensor b = Tensor.zeros(DType.FLOAT32, layer.outFeatures(), plan.rank());
      return new LowRankAdapter(
          layer.name(), a, b, plan.scaling(), options.dropout(), trainsA(options));
    }
  }

  @Override
  public boolean trainsA(PeftOptions options) {
    return options.trainA();
  }
}
