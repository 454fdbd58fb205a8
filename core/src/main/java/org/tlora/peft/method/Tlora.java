/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
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
import org.tlora.peft.MethodOption;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.Targets;
import org.tlora.peft.adapter.LowRankAdapter;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.peft.adapter.StoredLayer;

/**
 * TLoRA (Task-aware Low Rank Adaptation): rank and alpha are shared out by sensitivity, A holds the
 * leading right singular vectors of W·C and stays frozen, B starts at zero and trains. The scaling
 * is alpha_i / r with the configured r, not the layer's rank. Each part of it can be switched off.
 */
public final class Tlora implements PeftMethod {
  /** Train A too, as the published scripts do. */
  public static final MethodOption<Boolean> TRAIN_A =
      MethodOption.flag("train-a", "Train A too, as the published scripts do.");

  /** What ranks are shared out by. */
  public static final MethodOption<String> ALLOCATION =
      MethodOption.choice(
          "allocation", List.of("sensitivity", "uniform"), "What ranks are shared out by.");

  /** What alpha is shared out by. */
  public static final MethodOption<String> ALPHA_ALLOCATION =
      MethodOption.choice(
          "alpha-allocation", List.of("sensitivity", "uniform"), "What alpha is shared out by.");

  /** What A starts from; random is LoRA's start. */
  public static final MethodOption<String> INIT =
      MethodOption.choice(
          "init", List.of("covariance", "random"), "What A starts from; random is LoRA's start.");

  /** The budget of ranks as a number of trainable parameters, instead of the rank. */
  public static final MethodOption<Long> TRAINABLE_PARAMETERS = RankBudget.PARAMETERS;

  /** The budget of ranks as trainable parameters by those of the base, instead of the rank. */
  public static final MethodOption<Double> TRAINABLE_SHARE = RankBudget.SHARE;

  @Override
  public String name() {
    return "tlora";
  }

  @Override
  public List<MethodOption<?>> options() {
    return List.of(
        TRAIN_A, ALLOCATION, ALPHA_ALLOCATION, INIT, TRAINABLE_PARAMETERS, TRAINABLE_SHARE);
  }

  @Override
  public void check(PeftOptions options) {
    RankBudget.check(options);
  }

  @Override
  public Set<Statistic> needs(PeftOptions options) {
    EnumSet<Statistic> needs = EnumSet.noneOf(Statistic.class);
    if (bySensitivity(options, ALLOCATION) || bySensitivity(options, ALPHA_ALLOCATION)) {
      needs.add(Statistic.SENSITIVITY);
    }
    if (options.text(INIT).equals("covariance")) {
      needs.add(Statistic.COVARIANCE);
    }
    return needs;
  }

  private static boolean bySensitivity(PeftOptions options, MethodOption<String> what) {
    return options.text(what).equals("sensitivity");
  }

  @Override
  public List<LayerPlan> allocate(Targets targets, Statistics statistics, PeftOptions options) {
    List<Linear> layers = targets.layers();
    double[] rankScores = scores(layers, statistics, bySensitivity(options, ALLOCATION));
    double[] alphaScores = scores(layers, statistics, bySensitivity(options, ALPHA_ALLOCATION));
    int[] most =
        layers.stream().mapToInt(l -> (int) Math.min(l.inFeatures(), l.outFeatures())).toArray();
    boolean trainsA = options.flag(TRAIN_A);
    ToDoubleFunction<int[]> cost =
        ranks -> {
          long n = 0;
          for (int i = 0; i < ranks.length; i++) {
            Linear l = layers.get(i);
            n += ranks[i] * (l.outFeatures() + (trainsA ? l.inFeatures() : 0));
          }
          return n;
        };
    long budget = RankBudget.of(options, targets, rankScores, most, cost);
    double r = (double) budget / layers.size();
    double alpha = options.hasAlpha() ? options.alpha() : r;
    int[] ranks = BudgetAllocation.ranks(rankScores, budget, 1, most);
    double[] alphas =
        bySensitivity(options, ALPHA_ALLOCATION)
            ? BudgetAllocation.alphas(alphaScores, alpha)
            : filled(layers.size(), alpha);
    double total = Arrays.stream(rankScores).sum();
    List<LayerPlan> plans = new ArrayList<>();
    for (int i = 0; i < ranks.length; i++) {
      double share = Math.rint(budget * rankScores[i] / total);
      boolean bounded = share < 1 || share > most[i];
      plans.add(new LayerPlan(ranks[i], alphas[i], alphas[i] / r, bounded));
    }
    return plans;
  }

  private static double[] scores(List<Linear> layers, Statistics statistics, boolean sensitivity) {
    return sensitivity
        ? layers.stream().mapToDouble(statistics::sensitivity).toArray()
        : filled(layers.size(), 1);
  }

  private static double[] filled(int size, double value) {
    double[] all = new double[size];
    Arrays.fill(all, value);
    return all;
  }

  @Override
  public PeftAdapter start(
      Linear layer, LayerPlan plan, Statistics statistics, PeftOptions options, Random random) {
    try (Scope scope = new Scope()) {
      return new LowRankAdapter(
          layer.name(),
          options.text(INIT).equals("random")
              ? KaimingUniform.a(layer, plan.rank(), random)
              : LinearAlgebra.rightSingularVectors(
                  layer.denseWeight(), statistics.covariance(layer), plan.rank()),
          KaimingUniform.b(layer, plan.rank(), random),
          plan.scaling(),
          options.dropout(),
          options.flag(TRAIN_A));
    }
  }

  /** σᵢ = ‖W C aᵢ‖ of the rows of A, which are right singular vectors of W·C. */
  @Override
  public double[] spectrum(
      Linear layer, PeftAdapter started, Statistics statistics, PeftOptions options) {
    if (options.text(INIT).equals("random")) {
      return new double[0];
    }
    try (Scope scope = new Scope()) {
      Tensor a = started.factors().a();
      Tensor images =
          layer.denseWeight().to(DType.FLOAT32).mm(statistics.covariance(layer).mm(a.t()));
      return images.square().sum(0, false).sqrt().toDoubles();
    }
  }

  @Override
  public PeftAdapter resume(Linear layer, StoredLayer stored, PeftOptions options) {
    return stored.resumedWhole(name(), layer, options.dropout(), options.flag(TRAIN_A));
  }
}
