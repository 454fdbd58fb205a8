/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import java.util.Collections;
import java.util.List;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.DType;
import org.tlora.engine.Random;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.model.Linear;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.MethodOption;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.Targets;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.peft.adapter.StoredLayer;
import org.tlora.peft.adapter.SvdAdapter;
import org.tlora.train.TrainingRule;

/**
 * AdaLoRA: adapters of singular triplets P Λ Q with a penalty on P and Q that are not orthogonal,
 * of which the least important are switched off on the way to the rank budget (Zhang et al., arXiv
 * 2303.10512). {@code rank} is the rank that is left on average. Numbers follow HF PEFT: the
 * scaling is alpha / (initial rank + 1e-5) throughout.
 */
public final class AdaLora implements PeftMethod {
  private static final double DEVIATION = 0.02;

  /** Triplets of a layer at the start; 0: 1.5 times `rank`. */
  public static final MethodOption<Integer> INITIAL_RANK =
      MethodOption.count(
          "adalora-initial-rank", 0, "Triplets of a layer at the start; 0: 1.5 times `rank`.");

  /** Steps before the budget falls; where not given, a tenth of all. */
  public static final MethodOption<Long> WARMUP =
      MethodOption.whole(
          "adalora-warmup-steps",
          0,
          "Steps before the budget falls; where not given, a tenth of all.");

  /** Steps at the final budget; where not given, three tenths of all. */
  public static final MethodOption<Long> FINAL =
      MethodOption.whole(
          "adalora-final-steps",
          0,
          "Steps at the final budget; where not given, three tenths of all.");

  /** Steps between cuts; where not given, a hundredth of all. */
  public static final MethodOption<Long> INTERVAL =
      MethodOption.whole(
          "adalora-interval", 0, "Steps between cuts; where not given, a hundredth of all.");

  /** Smoothing of the sensitivity. */
  public static final MethodOption<Double> BETA1 =
      MethodOption.share("adalora-beta1", 0.85, "Smoothing of the sensitivity.");

  /** Smoothing of its uncertainty. */
  public static final MethodOption<Double> BETA2 =
      MethodOption.share("adalora-beta2", 0.85, "Smoothing of its uncertainty.");

  /** Weight of the penalty. */
  public static final MethodOption<Double> ORTHOGONALITY =
      MethodOption.number("adalora-orthogonality", 0.5, "Weight of the penalty.");

  @Override
  public String name() {
    return "adalora";
  }

  @Override
  public List<MethodOption<?>> options() {
    return List.of(INITIAL_RANK, WARMUP, FINAL, INTERVAL, BETA1, BETA2, ORTHOGONALITY);
  }

  @Override
  public List<LayerPlan> allocate(Targets targets, Statistics statistics, PeftOptions options) {
    int initial = (int) options.whole(INITIAL_RANK);
    if (initial == 0) {
      initial = (options.rank() * 3 + 1) / 2;
    }
    if (initial < options.rank()) {
      throw new UsageFault("`adaloraInitialRank` must not be below `rank`");
    }
    double alpha = options.alphaOrRank();
    LayerPlan same = new LayerPlan(initial, alpha, alpha / (initial + 1e-5), false);
    return Collections.nCopies(targets.layers().size(), same);
  }

  @Override
  public PeftAdapter start(
      Linear layer, LayerPlan plan, Statistics statistics, PeftOptions options, Random random) {
    int r = plan.rank();
    return new SvdAdapter(
        layer.name(),
        random.normal(0, DEVIATION, r, layer.inFeatures()),
        random.normal(0, DEVIATION, layer.outFeatures(), r),
        Tensor.zeros(layer.device(), DType.FLOAT32, r, 1),
        plan.scaling(),
        options.dropout());
  }

  @Override
  public PeftAdapter resume(Linear layer, StoredLayer stored, PeftOptions options) {
    if (stored.e() == null) {
      throw new InputFault("the adapter of " + layer.name() + " has no lora_E: not AdaLoRA's");
    }
    return new SvdAdapter(
        layer.name(),
        stored.a().copy(),
        stored.b().copy(),
        stored.e().copy(),
        stored.scaling(),
        options.dropout());
  }

  @Override
  public TrainingRule rule(
      List<? extends PeftAdapter> adapters, PeftOptions options, long totalSteps) {
    long warmup = orShare(options, WARMUP, totalSteps / 10);
    long last = orShare(options, FINAL, totalSteps * 3 / 10);
    long interval = orShare(options, INTERVAL, Math.max(1, totalSteps / 100));
    if (interval < 1) {
      throw new UsageFault("`adaloraInterval` must be at least 1");
    }
    if (warmup + last >= totalSteps) {
      throw new UsageFault(
          "`adaloraWarmupSteps` "
              + warmup
              + " and `adaloraFinalSteps` "
              + last
              + " leave none of "
              + totalSteps
              + " steps to cut the budget in");
    }
    return new AdaLoraBudget(
        adapters.stream().map(SvdAdapter.class::cast).toList(),
        (long) options.rank() * adapters.size(),
        new AdaLoraBudget.Times(warmup, totalSteps - last, interval),
        options.number(BETA1),
        options.number(BETA2),
        options.number(ORTHOGONALITY));
  }

  private static long orShare(PeftOptions options, MethodOption<Long> option, long share) {
    return options.has(option) ? options.whole(option) : share;
  }
}
