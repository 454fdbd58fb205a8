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
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.UsageFault;
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
          "allocation",
          List.of("sensitivity", "uniform", "marginal"),
          "What ranks are shared out by; marginal gives each where a row of A is asked for most, to"
              + " some layers none.");

  /** What alpha is shared out by. */
  public static final MethodOption<String> ALPHA_ALLOCATION =
      MethodOption.choice(
          "alpha-allocation", List.of("sensitivity", "uniform"), "What alpha is shared out by.");

  /** What A starts from; random is LoRA's start. */
  public static final MethodOption<String> INIT =
      MethodOption.choice(
          "init",
          List.of("covariance", "random", "gradient", "gradient-covariance"),
          "What A starts from: W·C; LoRA's start; the task's mean gradient G; or G·C.");

  /** How sensitive a layer is. */
  public static final MethodOption<String> SCORE =
      MethodOption.choice(
          "score",
          List.of("weights", "inputs"),
          "What a layer's sensitivity is: mean|W∘G| of each sample, or ‖G·C^½‖ of the mean"
              + " gradient.");

  /** What alpha is divided by. */
  public static final MethodOption<String> SCALING =
      MethodOption.choice(
          "scaling",
          List.of("rank", "root"),
          "What alpha is divided by: the configured rank, or the root of the layer's own.");

  /** Whether what A makes of the task's inputs is decorrelated. */
  public static final MethodOption<Boolean> WHITEN =
      MethodOption.flag(
          "whiten",
          "Turn A so that A·C·Aᵀ is a multiple of I, which preconditions the steps of B.");

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
        TRAIN_A,
        ALLOCATION,
        ALPHA_ALLOCATION,
        INIT,
        SCORE,
        SCALING,
        WHITEN,
        TRAINABLE_PARAMETERS,
        TRAINABLE_SHARE);
  }

  @Override
  public void check(PeftOptions options) {
    RankBudget.check(options);
    if (isMarginal(options) && options.text(INIT).equals("random")) {
      throw new UsageFault(
          "`allocation` marginal does not go with `init` random, whose rows are all alike");
    }
  }

  @Override
  public Set<Statistic> needs(PeftOptions options) {
    EnumSet<Statistic> needs = EnumSet.noneOf(Statistic.class);
    needs.addAll(directions(options).needs());
    if (options.flag(WHITEN)) {
      needs.add(Statistic.COVARIANCE);
    }
    if (isMarginal(options)) {
      needs.add(Statistic.GRADIENT);
    }
    if (isScored(options)) {
      needs.addAll(
          byInputs(options)
              ? Set.of(Statistic.GRADIENT, Statistic.COVARIANCE)
              : Set.of(Statistic.SENSITIVITY));
    }
    return needs;
  }

  @Override
  public boolean allocatesByTensors(PeftOptions options) {
    return isMarginal(options) || (isScored(options) && byInputs(options));
  }

  private static TloraDirections directions(PeftOptions options) {
    return TloraDirections.named(options.text(INIT));
  }

  private static boolean isMarginal(PeftOptions options) {
    return options.text(ALLOCATION).equals("marginal");
  }

  private static boolean byInputs(PeftOptions options) {
    return options.text(SCORE).equals("inputs");
  }

  /** Whether anything is shared out by how sensitive layers are. */
  private static boolean isScored(PeftOptions options) {
    return bySensitivity(options, ALLOCATION) || bySensitivity(options, ALPHA_ALLOCATION);
  }

  private static boolean bySensitivity(PeftOptions options, MethodOption<String> what) {
    return options.text(what).equals("sensitivity");
  }

  @Override
  public List<LayerPlan> allocate(Targets targets, Statistics statistics, PeftOptions options) {
    List<Linear> layers = targets.layers();
    double[] alphaScores = scores(layers, statistics, options, ALPHA_ALLOCATION);
    int[] most =
        layers.stream().mapToInt(l -> (int) Math.min(l.inFeatures(), l.outFeatures())).toArray();
    double[] rankScores = scores(layers, statistics, options, ALLOCATION);
    ToDoubleFunction<int[]> cost = ranks -> parameters(layers, ranks, options.flag(TRAIN_A));
    long budget = RankBudget.of(options, targets, rankScores, most, cost);
    double r = (double) budget / layers.size();
    int[] ranks =
        isMarginal(options)
            ? MarginalRanks.of(
                layers,
                statistics,
                directions(options),
                options.rank(),
                cost,
                cost.applyAsDouble(BudgetAllocation.ranks(rankScores, budget, 1, most)))
            : BudgetAllocation.ranks(rankScores, budget, 1, most);
    double alpha = options.hasAlpha() ? options.alpha() : r;
    double[] alphas =
        bySensitivity(options, ALPHA_ALLOCATION)
            ? BudgetAllocation.alphas(alphaScores, alpha)
            : filled(layers.size(), alpha);
    boolean byRoot = options.text(SCALING).equals("root");
    double total = Arrays.stream(rankScores).sum();
    List<LayerPlan> plans = new ArrayList<>();
    for (int i = 0; i < ranks.length; i++) {
      double share = Math.rint(budget * rankScores[i] / total);
      boolean bounded = !isMarginal(options) && (share < 1 || share > most[i]);
      double scaling = alphas[i] / (byRoot ? Math.sqrt(Math.max(1, ranks[i])) : r);
      plans.add(new LayerPlan(ranks[i], alphas[i], scaling, bounded));
    }
    return plans;
  }

  /** Trainable parameters of some ranks. */
  private static double parameters(List<Linear> layers, int[] ranks, boolean trainsA) {
    double n = 0;
    for (int i = 0; i < ranks.length; i++) {
      Linear l = layers.get(i);
      n += (double) ranks[i] * (l.outFeatures() + (trainsA ? l.inFeatures() : 0));
    }
    return n;
  }

  private static double[] scores(
      List<Linear> layers, Statistics statistics, PeftOptions options, MethodOption<String> what) {
    if (!bySensitivity(options, what)) {
      return filled(layers.size(), 1);
    }
    ToDoubleFunction<Linear> score =
        byInputs(options) ? l -> inputSensitivity(l, statistics) : statistics::sensitivity;
    return layers.stream().mapToDouble(score).toArray();
  }

  @Override
  public double score(Linear layer, Statistics statistics, PeftOptions options) {
    return isScored(options) && byInputs(options)
        ? inputSensitivity(layer, statistics)
        : statistics.sensitivities().getOrDefault(layer, Double.NaN);
  }

  /**
   * ‖G C^½‖ (Frobenius), √tr(G C Gᵀ): how much the loss asks for a change that inputs would see.
   */
  private static double inputSensitivity(Linear layer, Statistics statistics) {
    if (layer.device().isMeta()) {
      return 1; // where nothing is computed, all layers are alike
    }
    try (Scope scope = new Scope()) {
      Tensor G = statistics.gradient(layer);
      return Math.sqrt(Math.max(0, G.mm(statistics.covariance(layer)).mul(G).sum().item()));
    }
  }

  private static double[] filled(int size, double value) {
    double[] all = new double[size];
    Arrays.fill(all, value);
    return all;
  }

  @Override
  public PeftAdapter start(
      Linear layer, LayerPlan plan, Statistics statistics, PeftOptions options, Random random) {
    TloraDirections directions = directions(options);
    try (Scope scope = new Scope()) {
      Tensor a =
          isMarginal(options)
              ? MarginalRanks.rows(layer, statistics, directions, plan.rank(), options.rank())
              : directions.leading(layer, statistics, plan.rank(), random);
      return new LowRankAdapter(
          layer.name(),
          options.flag(WHITEN) ? Whitening.of(a, statistics.covariance(layer)) : a,
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
    if (!options.text(INIT).equals("covariance") || options.flag(WHITEN) || isMarginal(options)) {
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
