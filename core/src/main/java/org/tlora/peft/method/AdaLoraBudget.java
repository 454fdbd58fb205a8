/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.autograd.Parameter;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.peft.adapter.SvdAdapter;
import org.tlora.train.TrainingRule;

/**
 * AdaLoRA's rule: a penalty on A and B that are not orthogonal, and a budget of triplets that falls
 * along a cubic curve. What a triplet is worth comes from |w · ∂loss/∂w|, smoothed, times its
 * smoothed uncertainty. The order of operations is HF PEFT's.
 */
final class AdaLoraBudget implements TrainingRule {
  private static final String IMPORTANCE = "adalora.importance.";
  private static final String UNCERTAINTY = "adalora.uncertainty.";
  private static final String KEPT = "adalora.kept.";

  /**
   * When the budget falls.
   *
   * @param warmup the step after which it falls
   * @param end the step from which it stays
   * @param interval steps between cuts
   */
  record Times(long warmup, long end, long interval) {}

  private record Smoothed(Tensor importance, Tensor uncertainty) {
    Tensor score() {
      return importance.mul(uncertainty);
    }
  }

  private final List<SvdAdapter> adapters;
  private final long initialBudget;
  private final long finalBudget;
  private final Times times;
  private final double beta1;
  private final double beta2;
  private final double orthogonality;
  private final IdentityHashMap<Parameter, Smoothed> smoothed = new IdentityHashMap<>();
  private List<boolean[]> kept;

  AdaLoraBudget(
      List<SvdAdapter> adapters,
      long finalBudget,
      Times times,
      double beta1,
      double beta2,
      double orthogonality) {
    this.adapters = adapters;
    this.initialBudget = adapters.stream().mapToLong(a -> a.e().value().size()).sum();
    this.finalBudget = Math.min(finalBudget, initialBudget);
    this.times = times;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.orthogonality = orthogonality;
  }

  /** λ/n Σ ‖A Aᵀ − I‖ + ‖Bᵀ B − I‖ over the n matrices; ∂‖P Pᵀ − I‖/∂P = 2 (P Pᵀ − I) P / ‖·‖. */
  @Override
  public double penalise() {
    if (orthogonality == 0) {
      return 0;
    }
    double weight = orthogonality / (2.0 * adapters.size());
    double sum = 0;
    for (SvdAdapter adapter : adapters) {
      try (Scope scope = new Scope()) {
        Tensor a = adapter.a().value();
        Tensor off = minusIdentity(a.mm(a.t()));
        sum += penalise(adapter.a(), off, off.mm(a), weight);
        Tensor b = adapter.b().value();
        off = minusIdentity(b.t().mm(b));
        sum += penalise(adapter.b(), off, b.mm(off), weight);
      }
    }
    return weight * sum;
  }

  private static Tensor minusIdentity(Tensor square) {
    square.diagonal().addInPlace(-1);
    return square;
  }

  private static double penalise(Parameter p, Tensor off, Tensor direction, double weight) {
    double norm = off.norm();
    if (norm > 0) {
      p.accumulate(direction.mulInPlace(2 * weight / norm));
    }
    return norm;
  }

  /** The number of triplets that may be in use after a step. */
  long budget(long step) {
    if (step <= times.warmup()) {
      return initialBudget;
    }
    if (step > times.end()) {
      return finalBudget;
    }
    double left = 1 - (double) (step - times.warmup()) / (times.end() - times.warmup());
    return (long) ((initialBudget - finalBudget) * (left * left * left) + finalBudget);
  }

  @Override
  public void afterStep(long step) {
    if (isSettled()) {
      apply();
      return;
    }
    if (step < times.end()) {
      adapters.forEach(a -> a.parameters().forEach(this::smooth));
    }
    // the step at which the budget is settled may have been skipped
    boolean last = step >= times.end();
    boolean due = step > times.warmup() && step % times.interval() == 0;
    if ((last || due) && !smoothed.isEmpty()) {
      choose(budget(step));
      apply();
    }
    if (last) {
      close();
    }
  }

  private boolean isSettled() {
    return kept != null && smoothed.isEmpty();
  }

  private void smooth(Parameter p) {
    Smoothed s = smoothed.computeIfAbsent(p, q -> new Smoothed(zerosLike(q), zerosLike(q)));
    try (Scope scope = new Scope()) {
      Tensor now = p.gradient() == null ? zerosLike(p) : p.value().mul(p.gradient()).abs();
      s.importance().mulInPlace(beta1).addInPlace(now, 1 - beta1);
      s.uncertainty().mulInPlace(beta2).addInPlace(now.sub(s.importance()).abs(), 1 - beta2);
    }
  }

  private static Tensor zerosLike(Parameter p) {
    return p.value().newZeros(DType.FLOAT32, p.value().shape()).detachFromScope();
  }

  /**
   * The score of each triplet of an adapter: that of E plus the means of A's row and B's column.
   */
  private float[] importance(SvdAdapter adapter) {
    try (Scope scope = new Scope()) {
      Tensor rows = smoothed.get(adapter.a()).score().mean(1, false);
      Tensor columns = smoothed.get(adapter.b()).score().mean(0, false);
      Tensor values = smoothed.get(adapter.e()).score().view(-1);
      // PEFT adds the means first, then the value: the order decides ties of rounding
      return values.add(rows.add(columns)).toFloats();
    }
  }

  /** The scores of all triplets, for a look from outside. */
  List<float[]> importances() {
    return adapters.stream().map(this::importance).toList();
  }

  private void choose(long budget) {
    List<float[]> scores = importances();
    int total = scores.stream().mapToInt(s -> s.length).sum();
    float[] all = new float[total];
    int at = 0;
    for (float[] s : scores) {
      System.arraycopy(s, 0, all, at, s.length);
      at += s.length;
    }
    Arrays.sort(all);
    int cut = (int) (initialBudget - budget);
    float threshold = cut == 0 ? Float.NEGATIVE_INFINITY : all[cut - 1];
    kept = new ArrayList<>();
    for (float[] s : scores) {
      boolean[] keep = new boolean[s.length];
      for (int i = 0; i < s.length; i++) {
        keep[i] = s[i] > threshold;
      }
      kept.add(keep);
    }
  }

  private static float[] mask(boolean[] keep) {
    float[] mask = new float[keep.length];
    for (int j = 0; j < keep.length; j++) {
      mask[j] = keep[j] ? 1 : 0;
    }
    return mask;
  }

  private void apply() {
    if (kept == null) {
      return;
    }
    for (int i = 0; i < adapters.size(); i++) {
      float[] mask = mask(kept.get(i));
      try (Scope scope = new Scope()) {
        Tensor e = adapters.get(i).e().value();
        e.mulInPlace(e.newFloats(mask, mask.length, 1));
      }
    }
  }

  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    smoothed.forEach(
        (p, s) -> {
          state.put(IMPORTANCE + p.name(), s.importance());
          state.put(UNCERTAINTY + p.name(), s.uncertainty());
        });
    for (int i = 0; kept != null && i < adapters.size(); i++) {
      float[] mask = mask(kept.get(i));
      state.put(
          KEPT + adapters.get(i).e().name(),
          adapters.get(i).e().value().newFloats(mask, mask.length, 1));
    }
    return state;
  }

  @Override
  public void restore(Map<String, Tensor> state) {
    List<boolean[]> masks = new ArrayList<>();
    for (SvdAdapter adapter : adapters) {
      for (Parameter p : adapter.parameters()) {
        if (state.containsKey(IMPORTANCE + p.name())) {
          smoothed.put(
              p,
              new Smoothed(
                  state.get(IMPORTANCE + p.name()).copy().detachFromScope(),
                  state.get(UNCERTAINTY + p.name()).copy().detachFromScope()));
        }
      }
      Tensor mask = state.get(KEPT + adapter.e().name());
      if (mask != null) {
        float[] values = mask.toFloats();
        boolean[] keep = new boolean[values.length];
        for (int j = 0; j < keep.length; j++) {
          keep[j] = values[j] != 0;
        }
        masks.add(keep);
      }
    }
    kept = masks.isEmpty() ? null : masks;
  }

  @Override
  public void close() {
    smoothed
        .values()
        .forEach(
            s -> {
              s.importance().close();
              s.uncertainty().close();
            });
    smoothed.clear();
  }
}
