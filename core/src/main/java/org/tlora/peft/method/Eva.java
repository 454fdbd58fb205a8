/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tlora.calibrate.ComponentRule;
import org.tlora.calibrate.InputComponents;
import org.tlora.calibrate.Statistic;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
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
 * EVA: A starts as the leading principal components of the layer's input at supervised tokens, B =
 * 0, and ranks go to the layers whose inputs the components explain best; s = alpha/r everywhere
 * (Paischer et al., arXiv 2410.07170, as in HF PEFT). A layer that gets no component has no
 * adapter.
 */
public final class Eva implements PeftMethod {
  /** How far a layer's rank may go beyond the usual one. */
  public static final MethodOption<Double> RHO =
      MethodOption.positive(
          "eva-rho", 2, "How many times the rank a layer may get; 1: all layers get the same.");

  /** When a component counts as found. */
  public static final MethodOption<Double> TAU =
      MethodOption.share(
          "eva-tau",
          0.99,
          "The cosine between a component and the same one a batch before, from which on it counts"
              + " as found.");

  /** Whether components are divided by the root of their singular value. */
  public static final MethodOption<Boolean> WHITEN =
      MethodOption.flag("eva-whiten", "Divide each component by the root of its singular value.");

  @Override
  public String name() {
    return "eva";
  }

  @Override
  public List<MethodOption<?>> options() {
    return List.of(RHO, TAU, WHITEN);
  }

  @Override
  public Set<Statistic> needs(PeftOptions options) {
    return Set.of(Statistic.COMPONENTS);
  }

  @Override
  public ComponentRule components(PeftOptions options) {
    int most = (int) Math.max(1, Math.rint(options.rank() * options.number(RHO)));
    return new ComponentRule(options.rank(), most, options.number(TAU));
  }

  @Override
  public List<LayerPlan> allocate(Targets targets, Statistics statistics, PeftOptions options) {
    Map<Linear, double[]> ratios = new LinkedHashMap<>();
    for (Linear l : targets.layers()) {
      ratios.put(l.sharesInputWith(), statistics.components(l).ratios());
    }
    Map<Linear, Integer> ranks = components(options).ranks(targets.layers(), ratios);
    double scaling = options.alphaOrRank() / options.rank();
    List<LayerPlan> plans = new ArrayList<>();
    for (Linear l : targets.layers()) {
      int rank = ranks.get(l);
      plans.add(new LayerPlan(rank, scaling * rank, scaling, false));
    }
    return plans;
  }

  @Override
  public PeftAdapter start(
      Linear layer, LayerPlan plan, Statistics statistics, PeftOptions options, Random random) {
    try (Scope scope = new Scope()) {
      InputComponents found = statistics.components(layer);
      Tensor a = found.directions().narrow(0, 0, plan.rank());
      if (options.flag(WHITEN)) {
        Tensor sigma = Tensor.ofDoubles(a.device(), found.singularValues(), found.ratios().length);
        a = a.div(sigma.narrow(0, 0, plan.rank()).to(a.dtype()).sqrt().unsqueeze(1));
      }
      return new LowRankAdapter(
          layer.name(),
          a.copy(),
          KaimingUniform.b(layer, plan.rank(), random),
          plan.scaling(),
          options.dropout(),
          true);
    }
  }

  /** Those of the layer's centred inputs. */
  @Override
  public double[] spectrum(
      Linear layer, PeftAdapter started, Statistics statistics, PeftOptions options) {
    return statistics.components(layer).singularValues();
  }

  @Override
  public PeftAdapter resume(Linear layer, StoredLayer stored, PeftOptions options) {
    return stored.resumed(name(), layer, options.dropout());
  }
}
