package org.tlora.calibrate;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.RunFault;
import org.tlora.model.Linear;
import org.tlora.model.LinearObserver;

/** Sums up what one sample after the other shows of the layers. */
final class Gatherer implements LinearObserver {
  private final Set<Linear> targets;
  private final Set<Statistic> wanted;
  private final Map<Linear, Tensor> covariances = new LinkedHashMap<>();
  private final Map<Linear, Tensor> secondMoments = new LinkedHashMap<>();
  private final Map<Linear, Double> traces = new LinkedHashMap<>();
  private final Map<Linear, Double> sensitivities = new LinkedHashMap<>();
  private final Map<Linear, Tensor> gradients = new LinkedHashMap<>();
  private final Set<Linear> waitedFor = new HashSet<>();
  private int sample;
  private double gradientWeight;

  Gatherer(List<Linear> targets, Set<Statistic> wanted) {
    this.targets = new HashSet<>(targets);
    this.wanted = wanted;
  }

  /**
   * The next sample comes.
   *
   * @param gradientWeight its share of the mean gradient
   */
  void begin(double gradientWeight) {
    sample++;
    waitedFor.addAll(targets);
    this.gradientWeight = gradientWeight;
  }

  /** The number of the sample that is being looked at, from 1. */
  int sample() {
    return sample;
  }

  /** Whether a pass must be gone back through. */
  boolean wantsGradients() {
    return wanted.contains(Statistic.SENSITIVITY) || wanted.contains(Statistic.GRADIENT);
  }

  @Override
  public boolean wantsGradients(List<Linear> linears) {
    return wantsGradients() && linears.stream().anyMatch(targets::contains);
  }

  /** The sensitivities of the samples so far. */
  Statistics sensitivitiesSoFar() {
    Map<Linear, Double> means = new LinkedHashMap<>();
    sensitivities.forEach((linear, sum) -> means.put(linear, sum / sample));
    return new Statistics(Map.of(), Map.of(), means, Map.of(), sample, List.of(), 0);
  }

  @Override
  public boolean hasSeenAll() {
    return waitedFor.isEmpty();
  }

  @Override
  public void onInput(List<Linear> linears, Tensor input) {
    linears.forEach(waitedFor::remove);
    boolean centred = wanted.contains(Statistic.COVARIANCE);
    boolean scaled = wanted.contains(Statistic.SECOND_MOMENT);
    if (!(centred || scaled) || linears.stream().noneMatch(targets::contains)) {
      return;
    }
    Linear first = linears.get(0);
    try (Scope scope = new Scope()) {
      Tensor x = input.to(DType.FLOAT32);
      if (centred) {
        Tensor c = x.sub(x.mean(0, true));
        // no element of the covariance is larger than its trace: if that stays finite, all do
        requireFinite(traces.merge(first, c.square().sum().item(), Double::sum), first);
        add(covariances, first, c);
      }
      if (scaled) {
        double greatest = Math.abs(x.max());
        if (greatest == 0) {
          throw new RunFault(
              "calibration sample "
                  + sample
                  + ": the greatest input of "
                  + first.name()
                  + " is 0, which corda divides by");
        }
        requireFinite(greatest, first);
        add(secondMoments, first, x.mul(1 / greatest));
      }
    }
  }

  private void requireFinite(double value, Linear layer) {
    if (!(value < Float.MAX_VALUE)) {
      throw new RunFault(
          "calibration sample " + sample + ": the input of " + layer.name() + " is not finite");
    }
  }

  private static void add(Map<Linear, Tensor> sums, Linear layer, Tensor rows) {
    Tensor sum =
        sums.computeIfAbsent(
            layer,
            l -> Tensor.zeros(DType.FLOAT32, l.inFeatures(), l.inFeatures()).detachFromScope());
    sum.addmmInPlace(rows.t(), rows, 1);
  }

  @Override
  public void onGradient(Linear linear, Tensor input, Tensor outputGradient) {
    if (!targets.contains(linear)) {
      return;
    }
    try (Scope scope = new Scope()) {
      Tensor g = outputGradient.t().mm(input);
      if (wanted.contains(Statistic.GRADIENT)) {
        gradients
            .computeIfAbsent(linear, l -> Tensor.zeros(DType.FLOAT32, g.shape()).detachFromScope())
            .addInPlace(g, gradientWeight);
      }
      // an infinite or undefined gradient makes this sum so too, whatever is wanted
      double score = g.mulInPlace(linear.weight()).absoluteSum() / g.size();
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
    int n = sample;
    covariances.values().forEach(c -> c.mulInPlace(1.0 / n));
    secondMoments.values().forEach(c -> c.mulInPlace(1.0 / n));
    sensitivities.replaceAll((linear, sum) -> sum / n);
    return new Statistics(
        covariances, secondMoments, sensitivities, gradients, n, List.copyOf(losses), seconds);
  }

  /** Frees what a calibration that failed had gathered. */
  void abandon() {
    finish(List.of(), 0).close();
  }
}
