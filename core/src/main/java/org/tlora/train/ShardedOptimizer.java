/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.tlora.autograd.Parameter;
import org.tlora.collective.Collective;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.train.GradientBuckets.Bucket;

/**
 * An optimizer whose state is shared out over processes: each changes its own slice of every bucket
 * of parameters, and gets the others' values from them (Rajbhandari et al., arXiv 1910.02054).
 *
 * <p>The optimizer itself must look at each element by itself and keep tensors of its parameters'
 * shapes alone. What is kept for a checkpoint is whole, whatever the number of processes.
 */
final class ShardedOptimizer implements Optimizer {
  /**
   * A part of a parameter that lies in this process's slice of a bucket.
   *
   * @param from its first element in the parameter
   * @param at its first element in the slice
   * @param view stands for it in the optimizer, [size]
   */
  private record Piece(Parameter whole, long from, long at, int bucket, Parameter view) {
    long size() {
      return view.value().size();
    }
  }

  private final GradientBuckets buckets;
  private final Collective all;
  private final List<Piece> pieces = new ArrayList<>();
  private final Optimizer inner;

  /** An optimizer that has taken no step. */
  ShardedOptimizer(GradientBuckets buckets, Collective all, Optimizer.Factory factory) {
    this.buckets = buckets;
    this.all = all;
    for (int i = 0; i < buckets.all().size(); i++) {
      addPieces(i);
    }
    inner = factory.of(pieces.stream().map(Piece::view).toList());
  }

  private void addPieces(int i) {
    Bucket bucket = buckets.all().get(i);
    long n = bucket.slice(all.size());
    long start = n * all.rank();
    for (int k = 0; k < bucket.parameters().size(); k++) {
      Parameter p = bucket.parameters().get(k);
      long offset = bucket.offsets().get(k);
      long from = Math.max(0, start - offset);
      long to = Math.min(p.value().size(), start + n - offset);
      if (from < to) {
        try (Scope scope = new Scope()) {
          Tensor view = p.value().view(-1).narrow(0, from, to - from);
          String name = p.name() + "[" + from + "]";
          Parameter part = new Parameter(name, view, p.rateFactor());
          pieces.add(new Piece(p, from, offset + from - start, i, part));
        }
      }
    }
  }

  /** One step with the gradients that the parameters hold. */
  @Override
  public void step(double learningRate) {
    step(learningRate, List.of(), Set.of());
  }

  /**
   * One step.
   *
   * @param slices of the gradients, of each bucket; empty: the parameters hold them whole
   * @param unreached parameters that have no gradient in any process
   */
  void step(double learningRate, List<Tensor> slices, Set<Parameter> unreached) {
    for (Piece piece : pieces) {
      try (Scope scope = new Scope()) {
        Tensor whole =
            slices.isEmpty() ? piece.whole().gradient() : slices.get(piece.bucket()).alias();
        long at = slices.isEmpty() ? piece.from() : piece.at();
        if (whole != null && !unreached.contains(piece.whole())) {
          piece.view().putGradient(whole.view(-1).narrow(0, at, piece.size()));
        }
      }
    }
    inner.step(learningRate);
    pieces.forEach(p -> p.view().clearGradient());
    for (int i = 0; i < buckets.all().size(); i++) {
      spread(i);
    }
  }

  /** Brings the others' values of a bucket here, and this one's to them. */
  private void spread(int i) {
    Bucket bucket = buckets.all().get(i);
    try (Scope scope = new Scope()) {
      Tensor flat = gathered(bucket, i, p -> p.view().value());
      for (int k = 0; k < bucket.parameters().size(); k++) {
        Tensor value = bucket.parameters().get(k).value();
        value.copyFrom(flat.narrow(0, bucket.offsets().get(k), value.size()).view(value.shape()));
      }
    }
  }

  /** What belongs to a piece, [its size] float32, or null. */
  private interface Of {
    Tensor tensor(Piece piece);
  }

  /** Something of all processes' pieces of a bucket, end to end; owned by the caller's scope. */
  private Tensor gathered(Bucket bucket, int i, Of of) {
    Tensor like = bucket.parameters().get(0).value();
    Tensor flat = like.newZeros(DType.FLOAT32, bucket.size());
    long start = bucket.slice(all.size()) * all.rank();
    for (Piece piece : pieces) {
      Tensor own = piece.bucket() == i ? of.tensor(piece) : null;
      if (own != null) {
        flat.narrow(0, start + piece.at(), piece.size()).copyFrom(own.view(-1));
      }
    }
    all.gatherSlices(flat);
    return flat;
  }

  /**
   * The whole state by the parameters' names, in the first process; every process must ask. Owned
   * by the caller's scope.
   */
  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> own = inner.state();
    Map<String, Tensor> whole = new LinkedHashMap<>();
    for (String kind : kinds(own)) {
      for (int i = 0; i < buckets.all().size(); i++) {
        Bucket bucket = buckets.all().get(i);
        try (Scope scope = new Scope()) {
          Tensor flat = gathered(bucket, i, p -> own.get(kind + p.view().name()));
          for (int k = 0; all.isFirst() && k < bucket.parameters().size(); k++) {
            Parameter p = bucket.parameters().get(k);
            Tensor part = flat.narrow(0, bucket.offsets().get(k), p.value().size());
            whole.put(kind + p.name(), scope.keep(part.view(p.value().shape()).copy()));
          }
        }
      }
    }
    return whole;
  }

  /** What the optimizer keeps of each parameter, by the beginning of its name. */
  private List<String> kinds(Map<String, Tensor> own) {
    TreeSet<String> mine = new TreeSet<>();
    for (Map.Entry<String, Tensor> e : own.entrySet()) {
      Piece piece =
          pieces.stream()
              .filter(p -> e.getKey().endsWith(p.view().name()))
              .filter(p -> p.size() == e.getValue().size())
              .findFirst()
              .orElseThrow(
                  () ->
                      new UsageFault(
                          "`zero` needs an optimizer that keeps tensors of its parameters' shapes"
                              + " alone; this one keeps "
                              + e.getKey()));
      String name = piece.view().name();
      mine.add(e.getKey().substring(0, e.getKey().length() - name.length()));
    }
    TreeSet<String> kinds = new TreeSet<>();
    for (byte[] each : all.gather(String.join("\n", mine).getBytes(UTF_8))) {
      new String(each, UTF_8).lines().filter(k -> !k.isEmpty()).forEach(kinds::add);
    }
    return List.copyOf(kinds);
  }

  @Override
  public void restore(Map<String, Tensor> state, long steps) {
    try (Scope scope = new Scope()) {
      Map<String, Tensor> own = new LinkedHashMap<>(state);
      for (Piece piece : pieces) {
        for (Map.Entry<String, Tensor> e : state.entrySet()) {
          if (e.getKey().endsWith(piece.whole().name())) {
            String kind =
                e.getKey().substring(0, e.getKey().length() - piece.whole().name().length());
            own.put(kind + piece.view().name(), part(piece, e.getKey(), e.getValue()));
          }
        }
      }
      inner.restore(own, steps);
    }
  }

  private static Tensor part(Piece piece, String name, Tensor whole) {
    if (whole.size() != piece.whole().value().size()) {
      throw new InputFault("the checkpoint does not fit: its " + name + " has another shape");
    }
    return whole.view(-1).narrow(0, piece.from(), piece.size());
  }

  @Override
  public void close() {
    inner.close();
    pieces.forEach(p -> p.view().close());
  }
}
