/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.calibrate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tlora.calibrate.SampleGroups.Place;
import org.tlora.collective.Collective;
import org.tlora.engine.DType;
import org.tlora.engine.Footprint;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.RunFault;
import org.tlora.model.Linear;
import org.tlora.model.LinearObserver;

/**
 * Sums up what one sample after the other shows of the layers. During a pass everything stays where
 * it is computed; {@link #read} brings its numbers to the host.
 */
final class Gatherer implements LinearObserver {
  private enum Kind {
    TRACE,
    GREATEST,
    SCORE
  }

  /** Of a sample's gradient by a weight about so much exists at a time. */
  private static final long GRADIENT_BYTES = 16L << 20;

  /** A number of a sample of the pass that is not on the host yet, [1] float64. */
  private record Unread(Kind kind, Linear layer, Place place, Tensor value) {}

  private final Set<Linear> targets;
  private final Set<Statistic> wanted;
  private final Map<Linear, OuterProducts> covariances = new LinkedHashMap<>();
  private final Map<Linear, OuterProducts> secondMoments = new LinkedHashMap<>();
  private final Map<Linear, OuterProducts> grams = new LinkedHashMap<>();
  private final Map<Linear, Double> traces = new LinkedHashMap<>();
  private final Map<Linear, Double> sensitivities = new LinkedHashMap<>();
  private final Map<Linear, Tensor> gradients = new LinkedHashMap<>();
  private final Set<Linear> waitedFor = new HashSet<>();
  private final List<Unread> unread = new ArrayList<>();
  private List<Place> places = List.of();
  private int samples;

  Gatherer(List<Linear> targets, Set<Statistic> wanted) {
    this.targets = new LinkedHashSet<>(targets);
    this.wanted = wanted;
  }

  /** The next samples come, in one pass. */
  void begin(List<Place> next) {
    places = next;
    samples += next.size();
    waitedFor.addAll(targets);
  }

  /** How many samples there were, with those of the pass. */
  int samples() {
    return samples;
  }

  /** Whether a pass must be gone back through. */
  boolean wantsGradients() {
    return wanted.contains(Statistic.SENSITIVITY) || wantsMeanGradients();
  }

  private boolean wantsMeanGradients() {
    return wanted.contains(Statistic.GRADIENT) || wanted.contains(Statistic.GRADIENT_SENSITIVITY);
  }

  @Override
  public boolean wantsGradients(List<Linear> linears) {
    return wantsGradients() && linears.stream().anyMatch(targets::contains);
  }

  /** The sensitivities of the samples of all processes so far. */
  Statistics sensitivitiesSoFar(Collective all) {
    Map<Linear, Double> means = new LinkedHashMap<>();
    double[] sums = all.sum(sensitivitySums());
    double of = sums[sums.length - 1];
    int i = 0;
    for (Linear l : targets) {
      if (wanted.contains(Statistic.SENSITIVITY)) {
        means.put(l, sums[i] / of);
      }
      i++;
    }
    return Statistics.ofSensitivities(means, (int) of);
  }

  /** Of the layers in their order, and the number of samples. */
  private double[] sensitivitySums() {
    double[] sums = new double[targets.size() + 1];
    int i = 0;
    for (Linear l : targets) {
      sums[i++] = sensitivities.getOrDefault(l, 0.0);
    }
    sums[i] = samples;
    return sums;
  }

  /** Sums what all processes have gathered, so that each has the statistics of all samples. */
  void join(Collective all) {
    if (!all.isGroup()) {
      return;
    }
    double[] sums = all.sum(sensitivitySums());
    samples = (int) sums[sums.length - 1];
    int i = 0;
    Set<Linear> inputs = new LinkedHashSet<>();
    for (Linear l : targets) {
      double sum = sums[i++];
      if (wanted.contains(Statistic.SENSITIVITY)) {
        sensitivities.put(l, sum);
      }
      inputs.add(l.sharesInputWith());
    }
    for (Linear l : inputs) {
      if (wanted.contains(Statistic.COVARIANCE)) {
        productsOf(covariances, l).join(all);
      }
      if (wanted.contains(Statistic.SECOND_MOMENT)) {
        productsOf(secondMoments, l).join(all);
      }
      if (wanted.contains(Statistic.GRAM)) {
        productsOf(grams, l).join(all);
      }
    }
    if (wantsMeanGradients()) {
      for (Linear l : targets) {
        all.sum(List.of(meanGradient(l)));
      }
    }
  }

  private static OuterProducts productsOf(Map<Linear, OuterProducts> sums, Linear layer) {
    return sums.computeIfAbsent(layer, l -> new OuterProducts(l.device(), l.inFeatures()));
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
    boolean whole = wanted.contains(Statistic.GRAM);
    if (!(centred || scaled || whole) || linears.stream().noneMatch(targets::contains)) {
      return;
    }
    Linear first = linears.get(0);
    try (Scope scope = new Scope()) {
      Tensor x = input.to(DType.FLOAT32);
      if (centred) {
        add(covariances, first, centred(x, first));
      }
      if (scaled) {
        add(secondMoments, first, scaled(x, first));
      }
      if (whole) {
        add(grams, first, looked(x, first));
      }
    }
  }

  /**
   * The rows of a sample of the pass; a view. A pass of one sample may show more than its tokens.
   */
  private Tensor rowsOf(Place place, Tensor all) {
    return places.size() == 1 ? all : all.narrow(0, place.offset(), place.length());
  }

  /** x less the mean over each sample's tokens. */
  private Tensor centred(Tensor x, Linear layer) {
    Tensor c = x.newEmpty(DType.FLOAT32, x.shape());
    for (Place place : places) {
      Tensor own = rowsOf(place, x);
      Tensor to = rowsOf(place, c).copyDifference(own, own.mean(0, true));
      unread.add(new Unread(Kind.TRACE, layer, place, kept(to.square().sum())));
    }
    return c;
  }

  /** x, whose squares are summed so that the host sees whether they are finite. */
  private Tensor looked(Tensor x, Linear layer) {
    for (Place place : places) {
      unread.add(new Unread(Kind.TRACE, layer, place, kept(rowsOf(place, x).square().sum())));
    }
    return x;
  }

  /** x by each sample's |max x|. */
  private Tensor scaled(Tensor x, Linear layer) {
    Tensor s = x.newEmpty(DType.FLOAT32, x.shape());
    for (Place place : places) {
      Tensor own = rowsOf(place, x);
      Tensor greatest = own.max().to(DType.FLOAT64).abs();
      unread.add(new Unread(Kind.GREATEST, layer, place, kept(greatest)));
      rowsOf(place, s).copyProduct(own, greatest.reciprocal().to(DType.FLOAT32));
    }
    return s;
  }

  /** A number on the device until {@link #read}. */
  private static Tensor kept(Tensor number) {
    try (Scope scope = new Scope()) {
      return number.to(DType.FLOAT64).view(1).detachFromScope();
    }
  }

  private static void add(Map<Linear, OuterProducts> sums, Linear layer, Tensor rows) {
    productsOf(sums, layer).add(rows);
  }

  @Override
  public void onGradient(Linear linear, Tensor input, Tensor outputGradient) {
    if (!targets.contains(linear)) {
      return;
    }
    try (Scope scope = new Scope()) {
      Tensor mean = wantsMeanGradients() ? meanGradient(linear) : null;
      List<Tensor> sums = new ArrayList<>(Collections.nCopies(places.size(), null));
      long out = linear.outFeatures();
      long rows = rowsAtATime(linear);
      for (long i = 0; i < out; i += rows) {
        try (Scope band = new Scope()) {
          long n = Math.min(rows, out - i);
          Tensor weight = linear.denseRows(i, n); // all of it would be much, where it is coded
          Tensor means = mean == null ? null : mean.narrow(0, i, n);
          for (int p = 0; p < sums.size(); p++) {
            Place place = places.get(p);
            Tensor x = rowsOf(place, input);
            Tensor dy = rowsOf(place, outputGradient).narrow(1, i, n);
            Tensor part = score(x, dy, weight, means, place.share() * place.scale());
            sums.set(p, band.keep(sums.get(p) == null ? part : sums.get(p).add(part)));
          }
        }
      }
      // an infinite or undefined gradient makes its sum so too, whatever is wanted
      for (int p = 0; p < sums.size(); p++) {
        unread.add(new Unread(Kind.SCORE, linear, places.get(p), kept(sums.get(p))));
      }
    }
  }

  private Tensor meanGradient(Linear linear) {
    return gradients.computeIfAbsent(
        linear,
        l -> {
          Tensor sum = Tensor.zeros(l.device(), DType.FLOAT32, l.outFeatures(), l.inFeatures());
          Footprint.mark(Footprint.Part.STATISTICS, sum);
          return sum.detachFromScope();
        });
  }

  /**
   * Σ |W ∘ G| over some rows of W, as many as keep G = dYᵀ X in a processor's cache.
   *
   * @param dy the gradients of these rows' outputs, [tokens, rows]
   * @param mean of these rows, which {@code share} of G is added to, or null
   */
  private static Tensor score(Tensor x, Tensor dy, Tensor weight, Tensor mean, double share) {
    try (Scope scope = new Scope()) {
      // end to end, as kernels read it fastest
      Tensor g = dy.contiguous().t().mm(x);
      if (mean != null) {
        mean.addInPlace(g, share);
      }
      return scope.keep(g.mulInPlace(weight).sumOfAbsolutes());
    }
  }

  /**
   * Brings what the pass has left on the device to the host and looks at it, all at once.
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
      look(all.get(i), values[i]);
    }
  }

  private void look(Unread u, double value) {
    Linear layer = u.layer();
    String sample = "calibration sample " + u.place().number();
    switch (u.kind()) {
      case TRACE ->
          // no element of the covariance is larger than its trace: if that stays finite, all do
          requireFinite(traces.merge(layer, value, Double::sum), sample, layer);
      case GREATEST -> {
        if (value == 0) {
          throw new RunFault(
              sample + ": the greatest input of " + layer.name() + " is 0, which corda divides by");
        }
        requireFinite(value, sample, layer);
      }
      case SCORE -> {
        double size = (double) layer.inFeatures() * layer.outFeatures();
        // where nothing is computed, all layers are alike
        double score = layer.device().isMeta() ? 1 : value * u.place().scale() / size;
        if (!Double.isFinite(score)) {
          throw new RunFault(sample + ": the gradient of " + layer.name() + " is not finite");
        }
        sensitivities.merge(layer, score, Double::sum);
      }
    }
  }

  private static void requireFinite(double value, String sample, Linear layer) {
    if (!(value < Float.MAX_VALUE)) {
      throw new RunFault(sample + ": the input of " + layer.name() + " is not finite");
    }
  }

  /**
   * The loss of the pass.
   *
   * @throws RunFault if it is not finite
   */
  double requireFiniteLoss(Tensor loss) {
    double value = loss.item();
    if (!Double.isFinite(value)) {
      int first = places.get(0).number();
      String which = places.size() == 1 ? " " + first : "s " + first + " to " + samples;
      throw new RunFault("calibration sample" + which + ": the loss is " + value);
    }
    return value;
  }

  private void forgetUnread() {
    unread.forEach(u -> u.value().close());
    unread.clear();
  }

  Statistics finish(List<Double> losses, double seconds) {
    sensitivities.replaceAll((linear, sum) -> sum / samples);
    Map<Linear, Double> ofMean = new LinkedHashMap<>();
    if (wanted.contains(Statistic.GRADIENT_SENSITIVITY)) {
      gradients.forEach((l, g) -> ofMean.put(l, meanOfAbsolutes(l, g)));
    }
    if (!wanted.contains(Statistic.GRADIENT)) {
      gradients.values().forEach(Tensor::close);
      gradients.clear();
    }
    return new Statistics(
        whole(covariances),
        whole(secondMoments),
        whole(grams),
        sensitivities,
        gradients,
        ofMean,
        Map.of(),
        samples,
        List.copyOf(losses),
        seconds);
  }

  /** mean |W ∘ G|. */
  private static double meanOfAbsolutes(Linear layer, Tensor g) {
    if (layer.device().isMeta()) {
      return 1; // where nothing is computed, all layers are alike
    }
    double sum = 0;
    long rows = rowsAtATime(layer);
    for (long i = 0; i < layer.outFeatures(); i += rows) {
      try (Scope scope = new Scope()) {
        long n = Math.min(rows, layer.outFeatures() - i);
        Tensor w = layer.denseRows(i, n).to(DType.FLOAT32);
        sum += w.mul(g.narrow(0, i, n)).sumOfAbsolutes().item();
      }
    }
    return sum / layer.inFeatures() / layer.outFeatures();
  }

  private static long rowsAtATime(Linear layer) {
    // fewer rows make a slow product
    return Math.max(256, GRADIENT_BYTES / (layer.inFeatures() * layer.computeType().bytes()));
  }

  /** The means over samples. */
  private Map<Linear, Tensor> whole(Map<Linear, OuterProducts> sums) {
    Map<Linear, Tensor> all = new LinkedHashMap<>();
    sums.forEach((linear, sum) -> all.put(linear, sum.take(1.0 / samples)));
    return all;
  }

  /** Frees what a calibration that failed had gathered. */
  void abandon() {
    forgetUnread();
    finish(List.of(), 0).close();
  }
}
