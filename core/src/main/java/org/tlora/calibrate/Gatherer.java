/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.calibrate;

import java.util.ArrayList;
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

/**
 * Sums up what one sample after the other shows of the layers. During a pass everything stays where
 * it is computed; {@link #read} brings a sample's numbers to the host.
 */
final class Gatherer implements LinearObserver {
  private enum Kind {
    TRACE,
    GREATEST,
    SCORE
  }

  /** A number of the current sample that is not on the host yet, [1] float64. */
  private record Unread(Kind kind, Linear layer, Tensor value) {}

  private final Set<Linear> targets;
  private final Set<Statistic> wanted;
  private final Map<Linear, Tensor> covariances = new LinkedHashMap<>();
  private final Map<Linear, Tensor> secondMoments = new LinkedHashMap<>();
  private final Map<Linear, Double> traces = new LinkedHashMap<>();
  private final Map<Linear, Double> sensitivities = new LinkedHashMap<>();
  private final Map<Linear, Tensor> gradients = new LinkedHashMap<>();
  private final Set<Linear> waitedFor = new HashSet<>();
  private final List<Unread> unread = new ArrayList<>();
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
        unread.add(new Unread(Kind.TRACE, first, kept(c.square().sum())));
        add(covariances, first, c);
      }
      if (scaled) {
        Tensor greatest = x.max().to(DType.FLOAT64).abs();
        unread.add(new Unread(Kind.GREATEST, first, kept(greatest)));
        add(secondMoments, first, x.mul(greatest.reciprocal().to(DType.FLOAT32)));
      }
    }
  }

  /** A number on the device until {@link #read}. */
  private static Tensor kept(Tensor number) {
    try (Scope scope = new Scope()) {
      return number.to(DType.FLOAT64).view(1).detachFromScope();
    }
  }

  private static void add(Map<Linear, Tensor> sums, Linear layer, Tensor rows) {
    Tensor sum =
        sums.computeIfAbsent(
            layer,
            l -> rows.newZeros(DType.FLOAT32, l.inFeatures(), l.inFeatures()).detachFromScope());
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
            .computeIfAbsent(linear, l -> g.newZeros(DType.FLOAT32, g.shape()).detachFromScope())
            .addInPlace(g, gradientWeight);
      }
      // an infinite or undefined gradient makes this sum so too, whatever is wanted
      Tensor sum = g.mulInPlace(linear.denseWeight()).sumOfAbsolutes();
      unread.add(new Unread(Kind.SCORE, linear, kept(sum)));
    }
  }

  /**
   * Brings what the sample has left on the device to the host and looks at it, all at once.
   *
   * @throws RunFault if something is not finite
   */
  void read() {
    if (unread.isEmpty()) {
      return;
    }
    double[] values;
    try (Scope scope = new Scope()) {
      values = Tensor.cat(unread.stream().map(Unread::value).toList(), 0).toDoubles();
    }
    List<Unread> all = List.copyOf(unread);
    forgetUnread();
    for (int i = 0; i < values.length; i++) {
      look(all.get(i).kind(), all.get(i).layer(), values[i]);
    }
  }

  private void look(Kind kind, Linear layer, double value) {
    switch (kind) {
      case TRACE ->
          // no element of the covariance is larger than its trace: if that stays finite, all do
          requireFinite(traces.merge(layer, value, Double::sum), layer);
      case GREATEST -> {
        if (value == 0) {
          throw new RunFault(
              "calibration sample "
                  + sample
                  + ": the greatest input of "
                  + layer.name()
                  + " is 0, which corda divides by");
        }
        requireFinite(value, layer);
      }
      case SCORE -> {
        double score = value / ((double) layer.inFeatures() * layer.outFeatures());
        if (!Double.isFinite(score)) {
          throw new RunFault(
              "calibration sample "
                  + sample
                  + ": the gradient of "
                  + layer.name()
                  + " is not finite");
        }
        sensitivities.merge(layer, score, Double::sum);
      }
    }
  }

  private void requireFinite(double value, Linear layer) {
    if (!(value < Float.MAX_VALUE)) {
      throw new RunFault(
          "calibration sample " + sample + ": the input of " + layer.name() + " is not finite");
    }
  }

  /**
   * The loss of the sample.
   *
   * @throws RunFault if it is not finite
   */
  double requireFiniteLoss(Tensor loss) {
    double value = loss.item();
    if (!Double.isFinite(value)) {
      throw new RunFault("calibration sample " + sample + ": the loss is " + value);
    }
    return value;
  }

  private void forgetUnread() {
    unread.forEach(u -> u.value().close());
    unread.clear();
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
    forgetUnread();
    finish(List.of(), 0).close();
  }
}
