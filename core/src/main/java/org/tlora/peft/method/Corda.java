/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tlora.calibrate.Statistic;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.DType;
import org.tlora.engine.LinearAlgebra;
import org.tlora.engine.LinearAlgebra.Triplets;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.RunFault;
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
 * CorDA: with W C = U diag(σ) V for the second moment C of the layer's input, B starts as U √(σ/s)
 * and A as √(σ/s) V C⁻¹; the base keeps W − s·B A (Yang et al., arXiv 2406.05223). The mode {@code
 * ipm} (instruction previewed) takes the leading components, {@code kpm} (knowledge preserved) the
 * trailing ones.
 *
 * <p>V C⁻¹ = diag(σ)⁻¹ Uᵀ W, so nothing is inverted here; the damping of C still grows until
 * float32 could invert it, as in the published code.
 */
public final class Corda implements PeftMethod {
  private static final double DAMPING = 0.01;
  private static final double WORST_INVERSION = 0.05;

  /** ipm adapts what the samples use most, kpm keeps it and adapts the rest. */
  public static final MethodOption<String> MODE =
      MethodOption.choice(
          "corda-mode",
          List.of("ipm", "kpm"),
          "ipm adapts what the samples use most, kpm keeps it and adapts the rest.");

  @Override
  public String name() {
    return "corda";
  }

  @Override
  public List<MethodOption<?>> options() {
    return List.of(MODE);
  }

  @Override
  public List<Map<String, String>> variants() {
    return MODE.choices().stream().map(mode -> Map.of(MODE.name(), mode)).toList();
  }

  @Override
  public Set<Statistic> needs(PeftOptions options) {
    return Set.of(Statistic.SECOND_MOMENT);
  }

  @Override
  public List<LayerPlan> allocate(Targets targets, Statistics statistics, PeftOptions options) {
    double scaling = options.alphaOrRank() / options.rank();
    return LayerPlan.uniformWithin(targets, options, scaling, 1);
  }

  @Override
  public PeftAdapter start(
      Linear layer, LayerPlan plan, Statistics statistics, PeftOptions options, Random random) {
    boolean leading = options.text(MODE).equals("ipm");
    try (Scope scope = new Scope()) {
      Tensor w = layer.denseWeight().to(DType.FLOAT64);
      Tensor c = damped(statistics.secondMoment(layer), layer);
      Tensor product = w.mm(c.to(DType.FLOAT64));
      Triplets t =
          leading
              ? LinearAlgebra.leadingTriplets(product, plan.rank())
              : LinearAlgebra.trailingTriplets(product, plan.rank());
      double least = t.sigma().narrow(0, plan.rank() - 1L, 1).item();
      if (!(least > 0)) {
        throw new RunFault(
            layer.name() + ": W·C has a singular value of 0; corda needs another mode or rank");
      }
      Tensor root = t.sigma().mul(plan.scaling()).sqrt(); // √(s·σ), [rank]
      Tensor b = t.u().mul(root).mulInPlace(1 / plan.scaling());
      Tensor a = t.u().t().mm(w).div(root.unsqueeze(1)); // √(σ/s) σ⁻¹ Uᵀ W
      return LowRankAdapter.outOfBase(
          layer.name(),
          a.to(DType.FLOAT32).copy(),
          b.to(DType.FLOAT32).copy(),
          plan.scaling(),
          options.dropout());
    }
  }

  /** C with a share of its mean diagonal added to the diagonal; owned by the caller's scope. */
  private static Tensor damped(Tensor c, Linear layer) {
    double mean = c.diagonal().mean().item();
    for (double damping = DAMPING; damping < 1e6; damping *= 2) {
      Tensor result = c.copy();
      result.diagonal().addInPlace(mean * damping);
      if (LinearAlgebra.inversionError(result) < WORST_INVERSION) {
        return result;
      }
      result.close();
    }
    throw new RunFault(
        layer.name() + ": its input's second moment cannot be inverted; use other samples");
  }

  /** Those of W·C. */
  @Override
  public double[] spectrum(
      Linear layer, PeftAdapter started, Statistics statistics, PeftOptions options) {
    return SplitSpectrum.of(started);
  }

  @Override
  public PeftAdapter resume(Linear layer, StoredLayer stored, PeftOptions options) {
    return stored.resumedOutOfBase(name(), layer, options.dropout());
  }
}
