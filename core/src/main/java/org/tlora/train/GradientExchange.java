/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.tlora.autograd.Parameter;
import org.tlora.collective.Collective;
import org.tlora.collective.Collective.Pending;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.train.GradientBuckets.Bucket;

/**
 * Sums the processes' gradients, bucket by bucket, while the rest of the way back still runs: a
 * bucket travels once the last micro-batch has reached all of its parameters. What comes to a
 * parameter later than that is summed behind it, so that nothing is lost whatever a model does.
 *
 * <p>Where gradients are shared out, a process is left with the sums of its own slice of each
 * bucket, and no parameter has a gradient.
 */
final class GradientExchange implements AutoCloseable {
  private final GradientBuckets buckets;
  private final Collective all;
  private final boolean slices;
  private final Map<Parameter, Integer> places = new HashMap<>();
  private final int[] missing; // parameters that the way back has not reached, of each bucket
  private final List<Tensor> travelling = new ArrayList<>();
  private final List<Pending> pending = new ArrayList<>();
  private final List<Tensor> own = new ArrayList<>(); // slices, where they are shared out
  private final Set<Parameter> here = new HashSet<>(); // those that had a gradient
  private boolean watching;

  /**
   * Nothing has travelled.
   *
   * @param slices whether each process is to have the sums of its own slices alone
   */
  GradientExchange(GradientBuckets buckets, Collective all, boolean slices) {
    this.buckets = buckets;
    this.all = all;
    this.slices = slices;
    missing = new int[buckets.all().size()];
    for (int i = 0; i < missing.length; i++) {
      for (Parameter p : buckets.all().get(i).parameters()) {
        places.put(p, i);
      }
    }
  }

  /** The last way back of the step begins. */
  void lastBegins() {
    for (int i = 0; i < missing.length; i++) {
      boolean early = i < buckets.early();
      missing[i] = early ? buckets.all().get(i).parameters().size() : Integer.MAX_VALUE;
    }
    watching = true;
    places.keySet().forEach(p -> p.watch(this::reached));
  }

  private void reached(Parameter p) {
    missing[places.get(p)]--;
    while (pending.size() < missing.length && missing[pending.size()] <= 0) {
      send();
    }
  }

  /** Sends the next bucket. */
  private void send() {
    Bucket bucket = buckets.all().get(pending.size());
    try (Scope scope = new Scope()) {
      Tensor like = bucket.parameters().get(0).value();
      Tensor flat = like.newZeros(DType.FLOAT32, bucket.size());
      for (int i = 0; i < bucket.parameters().size(); i++) {
        Parameter p = bucket.parameters().get(i);
        if (p.gradient() != null) {
          here.add(p);
          flat.narrow(0, bucket.offsets().get(i), p.value().size())
              .copyFrom(p.gradient().reshape(-1));
          p.clearGradient();
        }
      }
      travelling.add(flat.detachFromScope());
      pending.add(slices ? all.beginSumOfSlices(flat) : all.beginSum(flat));
    }
    keepSlices(false);
    all.works();
  }

  /** Keeps of buckets that have travelled the own slice, in their order, and frees the rest. */
  private void keepSlices(boolean wait) {
    while (slices && own.size() < pending.size() && (wait || pending.get(own.size()).isDone())) {
      pending.get(own.size()).await();
      keepSlice(own.size());
    }
  }

  /**
   * Sends what is left and waits for all of it.
   *
   * @return whether a gradient has come too late, so that {@link #addLate} must follow in every
   *     process
   */
  boolean finish() {
    unwatch();
    boolean late = false;
    for (int i = 0; i < pending.size(); i++) {
      for (Parameter p : buckets.all().get(i).parameters()) {
        if (p.gradient() != null) {
          late = true;
          here.add(p);
        }
      }
    }
    while (pending.size() < missing.length) {
      send();
    }
    keepSlices(true);
    for (int i = 0; i < missing.length && !slices; i++) {
      pending.get(i).await();
    }
    return late;
  }

  private void keepSlice(int i) {
    long n = buckets.all().get(i).slice(all.size());
    try (Tensor flat = travelling.get(i);
        Tensor slice = flat.narrow(0, n * all.rank(), n)) {
      own.add(slice.copy().detachFromScope());
    }
  }

  /** Sums what has come too late in any process, and adds it. */
  void addLate() {
    GradientExchange again = new GradientExchange(buckets, all, slices);
    again.finish();
    for (int i = 0; i < missing.length; i++) {
      if (slices) {
        own.get(i).addInPlace(again.own.get(i));
      } else {
        travelling.get(i).addInPlace(again.travelling.get(i));
      }
    }
    again.close();
  }

  /** Whether each parameter had a gradient in this process: 1 or 0, in an order that all have. */
  double[] reached() {
    return parameters().mapToDouble(p -> here.contains(p) ? 1 : 0).toArray();
  }

  private Stream<Parameter> parameters() {
    return buckets.all().stream().flatMap(b -> b.parameters().stream());
  }

  /** Parameters that no process had a gradient of, by the sums of what all have reached. */
  Set<Parameter> unreached(double[] counts) {
    Set<Parameter> none = new HashSet<>();
    int[] i = {0};
    parameters().filter(p -> counts[i[0]++] == 0).forEach(none::add);
    return none;
  }

  /**
   * Leaves the sums with the parameters, unless they are shared out.
   *
   * @param unreached those that get none
   */
  void deliver(Set<Parameter> unreached) {
    for (int i = 0; i < missing.length && !slices; i++) {
      Bucket bucket = buckets.all().get(i);
      for (int k = 0; k < bucket.parameters().size(); k++) {
        Parameter p = bucket.parameters().get(k);
        if (unreached.contains(p)) {
          continue;
        }
        try (Scope scope = new Scope()) {
          p.putGradient(
              travelling
                  .get(i)
                  .narrow(0, bucket.offsets().get(k), p.value().size())
                  .view(p.value().shape()));
        }
      }
    }
  }

  /** This process's slices of the sums, [slice] float32 of each bucket; empty if not shared out. */
  List<Tensor> slices() {
    return own;
  }

  private void unwatch() {
    if (watching) {
      places.keySet().forEach(p -> p.watch(null));
      watching = false;
    }
  }

  /** Frees what has travelled; the parameters' gradients stay. */
  @Override
  public void close() {
    unwatch();
    travelling.forEach(Tensor::close);
    own.forEach(Tensor::close);
    travelling.clear();
    own.clear();
  }
}
