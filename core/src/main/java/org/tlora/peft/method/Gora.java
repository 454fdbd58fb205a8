/* SPDX-License-Identifier: Apache-2.0 */
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
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.model.Linear;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.MethodOption;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.Targets;
import org.tlora.peft.adapter.LowRankAdapter;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.peft.adapter.StoredLayer;

/**
 * GoRA: ranks go by the scores mean|W ∘ G| of the mean gradient G of some samples, A is random, and
 * B starts as −G A⁺ η√in/alpha, the best one for a step down the gradient; s = alpha/√rank, and the
 * base is left as it is (He et al., arXiv 2502.12171, and the authors' code).
 *
 * <p>Paper and code part in two places, each of which is an option here: in the code of later days
 * the minus has gone ({@code ascent}), and the published scripts count a layer's size as in + out,
 * not as its root ({@code sum}).
 */
public final class Gora implements PeftMethod {
  /** η, by which the first step is scaled. */
  public static final MethodOption<Double> RATE =
      MethodOption.number("gora-rate", 0.05, "η, by which the step that B starts with is scaled.");

  /** The least rank of a layer. */
  public static final MethodOption<Integer> LEAST =
      MethodOption.count(
          "gora-min-rank", 0, "The least rank of a layer (0: half the rank, at least 1).");

  /** The greatest rank of a layer. */
  public static final MethodOption<Integer> MOST =
      MethodOption.count(
          "gora-max-rank", 0, "The greatest rank of a layer (0: four times the rank).");

  /** Where B points. */
  public static final MethodOption<String> DIRECTION =
      MethodOption.choice(
          "gora-direction",
          List.of("descent", "ascent"),
          "descent: B starts down the gradient, as in the paper; ascent: up it, as in the authors'"
              + " code since August 2025.");

  /** What a rank of a layer costs. */
  public static final MethodOption<String> SIZE =
      MethodOption.choice(
          "gora-size",
          List.of("root", "sum"),
          "What a rank of a layer takes of the budget: root, √(in + out), as in the paper; sum, in +"
              + " out, as in the authors' scripts.");

  @Override
  public String name() {
    return "gora";
  }

  @Override
  public List<MethodOption<?>> options() {
    return List.of(RATE, LEAST, MOST, DIRECTION, SIZE);
  }

  private static int least(PeftOptions options) {
    int given = (int) options.whole(LEAST);
    return given > 0 ? given : Math.max(1, options.rank() / 2);
  }

  private static int most(PeftOptions options) {
    int given = (int) options.whole(MOST);
    return given > 0 ? given : (int) Math.min(Integer.MAX_VALUE, 4L * options.rank());
  }

  @Override
  public void check(PeftOptions options) {
    if (least(options) > most(options)) {
      throw new UsageFault(
          "`goraMinRank` " + least(options) + " is above `goraMaxRank` " + most(options));
    }
  }

  @Override
  public Set<Statistic> needs(PeftOptions options) {
    return Set.of(Statistic.GRADIENT, Statistic.GRADIENT_SENSITIVITY);
  }

  @Override
  public double score(Linear layer, Statistics statistics, PeftOptions options) {
    return statistics.gradientSensitivity(layer);
  }

  /** rankᵢ = ⌊round(budget · shareᵢ)/sizeᵢ⌋ within bounds, where the budget is r Σ sizeᵢ. */
  @Override
  public List<LayerPlan> allocate(Targets targets, Statistics statistics, PeftOptions options) {
    double budget = 0;
    double total = 0;
    for (Linear l : targets.layers()) {
      budget += options.rank() * size(l, options);
      total += statistics.gradientSensitivity(l);
    }
    if (!(total > 0) || Double.isInfinite(total)) {
      throw new RunFault(
          "the scores mean|W ∘ G| sum to "
              + total
              + ": the calibration samples carry no gradient; use other samples");
    }
    List<LayerPlan> plans = new ArrayList<>();
    for (Linear l : targets.layers()) {
      double share = Math.rint(budget * statistics.gradientSensitivity(l) / total);
      long wanted = (long) Math.floor(share / size(l, options));
      long most = Math.min(most(options), Math.min(l.inFeatures(), l.outFeatures()));
      int rank = (int) Math.max(Math.min(least(options), most), Math.min(most, wanted));
      double alpha = options.alphaOrRank();
      plans.add(new LayerPlan(rank, alpha, alpha / Math.sqrt((double) rank), rank != wanted));
    }
    return plans;
  }

  private static double size(Linear layer, PeftOptions options) {
    double sum = (double) layer.inFeatures() + layer.outFeatures();
    return options.text(SIZE).equals("root") ? Math.sqrt(sum) : sum;
  }

  @Override
  public PeftAdapter start(
      Linear layer, LayerPlan plan, Statistics statistics, PeftOptions options, Random random) {
    double sign = options.text(DIRECTION).equals("descent") ? -1 : 1;
    double in = (double) layer.inFeatures();
    double scale = sign * options.number(RATE) * Math.sqrt(in) / options.alphaOrRank();
    try (Scope scope = new Scope()) {
      Tensor a = KaimingUniform.a(layer, plan.rank(), random);
      // G A⁺ with A⁺ = Aᵀ(A Aᵀ)⁻¹
      Tensor a64 = a.to(DType.FLOAT64);
      Tensor onto = statistics.gradient(layer).to(DType.FLOAT64).mm(a64.t());
      Tensor b = onto.mm(LinearAlgebra.inverse(a64.mm(a64.t()))).mulInPlace(scale);
      return new LowRankAdapter(
          layer.name(),
          a.copy(),
          b.to(DType.FLOAT32).contiguous().copy(),
          plan.scaling(),
          options.dropout(),
          true);
    }
  }

  @Override
  public PeftAdapter resume(Linear layer, StoredLayer stored, PeftOptions options) {
    return stored.resumed(name(), layer, options.dropout());
  }
}
