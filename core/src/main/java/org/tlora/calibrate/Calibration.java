package org.tlora.calibrate;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.data.Encoded;
import org.tlora.data.PackedBatch;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.model.CausalLm;
import org.tlora.model.Layout;
import org.tlora.model.Linear;
import org.tlora.model.LinearObserver;
import org.tlora.model.Pass;

/**
 * Runs samples through the frozen model, one at a time, with the mean cross entropy over a sample's
 * supervised tokens as loss. The gradient of a weight exists for one layer at a time and is dropped
 * at once: G = dYᵀ X where the way back passes the layer.
 */
public final class Calibration {
  private Calibration() {}

  /**
   * Gathers statistics.
   *
   * @param targets the layers to know about
   * @param rows the samples; those without a supervised token must have been left out
   * @param wanted what to gather
   * @param afterSample is told how many samples are done
   * @throws InputFault if there is no sample
   * @throws RunFault if an activation or a gradient is not finite
   */
  public static Statistics run(
      CausalLm model,
      List<Linear> targets,
      List<Encoded> rows,
      Set<Statistic> wanted,
      IntConsumer afterSample) {
    if (rows.isEmpty()) {
      throw new InputFault("calibration has no sample with a supervised token");
    }
    long start = System.nanoTime();
    Gatherer gatherer = new Gatherer(targets, wanted);
    List<Double> losses = new ArrayList<>();
    for (Encoded row : rows) {
      gatherer.sample = losses.size() + 1;
      losses.add(pass(model, row, gatherer));
      afterSample.accept(losses.size());
    }
    return gatherer.finish(losses, (System.nanoTime() - start) / 1e9);
  }

  private static double pass(CausalLm model, Encoded row, Gatherer gatherer) {
    PackedBatch batch = PackedBatch.of(List.of(row));
    try (Scope scope = new Scope();
        Tape tape = Tape.recording()) {
      Pass pass = new Pass(tape, Layout.of(batch.lengths()), gatherer, null);
      Variable hidden = model.hidden(pass, batch.ids());
      Variable loss =
          model.loss(pass, hidden, batch.targets(), batch.labels(), batch.targets().length);
      double value = loss.value().item();
      if (!Double.isFinite(value)) {
        throw new RunFault("calibration sample " + gatherer.sample + ": the loss is " + value);
      }
      if (gatherer.wantsGradients()) {
        tape.backward(loss, null);
      }
      return value;
    }
  }

  private static final class Gatherer implements LinearObserver {
    private final Set<Linear> targets;
    private final Set<Statistic> wanted;
    private final Map<Linear, Tensor> covariances = new LinkedHashMap<>();
    private final Map<Linear, Double> sensitivities = new LinkedHashMap<>();
    private final Map<Linear, Double> traces = new LinkedHashMap<>();
    private int sample;

    Gatherer(List<Linear> targets, Set<Statistic> wanted) {
      this.targets = new HashSet<>(targets);
      this.wanted = wanted;
    }

    @Override
    public boolean wantsGradients() {
      return wanted.contains(Statistic.SENSITIVITY);
    }

    @Override
    public void onInput(List<Linear> linears, Tensor input) {
      if (!wanted.contains(Statistic.COVARIANCE) || linears.stream().noneMatch(targets::contains)) {
        return;
      }
      try (Scope scope = new Scope()) {
        Tensor x = input.to(DType.FLOAT32);
        Tensor centred = x.sub(x.mean(0, true));
        Linear first = linears.get(0);
        // no element of the covariance is larger than its trace: if that stays finite, all do
        double trace = traces.merge(first, centred.square().sum().item(), Double::sum);
        if (!(trace < Float.MAX_VALUE)) {
          throw new RunFault(
              "calibration sample " + sample + ": the input of " + first.name() + " is not finite");
        }
        Tensor sum = covariances.get(first);
        if (sum == null) {
          long in = input.size(1);
          sum = Tensor.zeros(DType.FLOAT32, in, in).detachFromScope();
          covariances.put(first, sum);
        }
        sum.addmmInPlace(centred.t(), centred, 1);
      }
    }

    @Override
    public void onGradient(Linear linear, Tensor input, Tensor outputGradient) {
      if (!targets.contains(linear)) {
        return;
      }
      try (Scope scope = new Scope()) {
        Tensor g = outputGradient.t().mm(input).mulInPlace(linear.weight());
        double score = g.absoluteSum() / g.size();
        if (!Double.isFinite(score)) {
          throw new RunFault(
              "calibration sample "
                  + sample
                  + ": the gradient of "
                  + linear.name()
                  + " is not finite");
        }
        sensitivities.merge(linear, score, Double::sum);
      }
    }

    Statistics finish(List<Double> losses, double seconds) {
      int n = losses.size();
      covariances.values().forEach(c -> c.mulInPlace(1.0 / n));
      sensitivities.replaceAll((linear, sum) -> sum / n);
      return new Statistics(covariances, sensitivities, n, List.copyOf(losses), seconds);
    }
  }
}
