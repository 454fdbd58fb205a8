/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Footprint;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.weight.Weight;

/**
 * The projection onto the vocabulary and the cross entropy behind it. Logits exist only where they
 * are asked for and only for a chunk of them at a time; the gradient by the hidden states is formed
 * in the same sweep, so that [tokens × vocabulary] is never held.
 */
final class OutputLayer {
  /** Logits of one chunk take about this many bytes. */
  private static final long CHUNK_BYTES = 48L << 20;

  private final VocabularyTables tables;
  private final double divisor;
  private final double softcap;

  /** An output layer whose weight, [vocabulary, hidden], is the head of some tables. */
  OutputLayer(VocabularyTables tables, DecoderConfig.Scales scales) {
    this.tables = tables;
    this.divisor = scales.logitDivisor();
    this.softcap = scales.logitSoftcap();
  }

  /**
   * Logits of hidden states at some places.
   *
   * @param hidden [tokens, hidden]
   * @return [places, vocabulary] float32, owned by the caller's scope
   */
  Tensor logits(Pass pass, Tensor hidden, int[] at) {
    try (Scope scope = new Scope()) {
      Tensor rows = hidden.indexSelect(0, hidden.newInts(at));
      Pass own = pass.at(at);
      return scope.keep(scaled(product(own, rows, false).value()));
    }
  }

  /** What the weight and the adapters on it make of hidden states, and the way back. */
  private record Product(Tensor value, Adapter.Gradient way) {}

  private Product product(Pass pass, Tensor hidden, boolean record) {
    Tensor z = tables.projection().product(hidden);
    return new Product(z, pass.adapters().forward(pass, tables.headSlot(), hidden, z, record));
  }

  private Tensor scaled(Tensor product) {
    Tensor z = product.to(DType.FLOAT32);
    if (divisor != 1) {
      z.mulInPlace(1 / divisor);
    }
    if (softcap != 0) {
      z.mulInPlace(1 / softcap).tanhInPlace().mulInPlace(softcap);
    }
    return z;
  }

  /** What trains here, whose gradients are formed on the way forward. */
  private List<Parameter> trained(Pass pass) {
    List<Parameter> all = new ArrayList<>();
    if (tables.head().parameter() != null) {
      all.add(tables.head().parameter());
    }
    if (tables.head().rows() != null) {
      all.add(tables.head().rows().values());
    }
    all.addAll(pass.adapters().parameters(tables.headSlot()));
    return all;
  }

  /**
   * −Σ w_i log p(token_i) / divisor.
   *
   * @param hidden [tokens, hidden]
   * @param at positions in {@code hidden}
   * @param tokens the one that each is to predict
   * @param weights of each, or null: one
   * @return [1] float32, owned by the caller's scope
   */
  Variable negativeLogLikelihood(
      Pass pass, Variable hidden, int[] at, int[] tokens, float[] weights, double lossDivisor) {
    List<Parameter> trained = trained(pass);
    boolean record = pass.tape().isOn() && (hidden.requiresGradient() || !trained.isEmpty());
    try (Scope scope = new Scope()) {
      Tensor index = hidden.value().newInts(at);
      Tensor rows = hidden.value().indexSelect(0, index);
      Tensor dRows =
          record && hidden.requiresGradient() ? rows.newEmpty(rows.dtype(), rows.shape()) : null;
      List<Tensor> before = trained.stream().map(Parameter::takeGradient).toList();
      int chunk = (int) Math.max(16, CHUNK_BYTES / (4L * tables.size()));
      Tensor total = rows.newZeros(DType.FLOAT64, 1);
      for (int i = 0; i < at.length; i += chunk) {
        int end = Math.min(at.length, i + chunk);
        Targets targets =
            new Targets(
                i,
                Arrays.copyOfRange(tokens, i, end),
                weights == null ? null : Arrays.copyOfRange(weights, i, end));
        Pass own = pass.at(Arrays.copyOfRange(at, i, end));
        try (Scope inner = new Scope()) {
          total.addInPlace(sweep(own, rows, dRows, targets, lossDivisor, record));
        }
      }
      List<Tensor> own = trained.stream().map(Parameter::takeGradient).toList();
      for (int i = 0; i < trained.size(); i++) {
        trained.get(i).putGradient(before.get(i));
      }
      Tensor value = total.mulInPlace(1 / lossDivisor).to(DType.FLOAT32);
      Variable output = new Variable(scope.keep(value), record);
      if (record) {
        recordWayBack(pass.tape(), output, hidden, index, dRows, trained, own);
      }
      return output;
    }
  }

  /** A chunk's tokens, from the place {@code from} of all on; weights may be null. */
  private record Targets(int from, int[] tokens, float[] weights) {}

  /**
   * One chunk: its summed loss [1], its rows of the gradient, its part of the weight's gradient.
   */
  private Tensor sweep(
      Pass pass, Tensor rows, Tensor dRows, Targets targets, double lossDivisor, boolean record) {
    int n = targets.tokens().length;
    try (Scope scope = new Scope()) {
      Tensor h = rows.narrow(0, targets.from(), n);
      Product product = product(pass, h, record);
      Tensor z = scaled(product.value()); // [n, vocabulary]
      Footprint.mark(Footprint.Part.LOGITS, product.value());
      Footprint.mark(Footprint.Part.LOGITS, z);
      // a soft cap z = c tanh(z′/c) has the slope 1 − (z/c)²
      Tensor slope =
          softcap == 0 || !record ? null : z.square().mulInPlace(-1 / (softcap * softcap));
      z.logSoftmaxInPlace();
      Tensor label = z.newInts(targets.tokens()).unsqueeze(1);
      Tensor weight =
          targets.weights() == null ? null : z.newFloats(targets.weights(), n).unsqueeze(1);
      Tensor losses = z.gather(label).to(DType.FLOAT64).mulInPlace(-1);
      Tensor sum = (weight == null ? losses : losses.mul(weight)).sum().unsqueeze(0);
      if (record) {
        // ∂/∂z = w (softmax(z) − onehot) / divisor
        z.expInPlace();
        Tensor minusOne = z.newEmpty(DType.FLOAT32, n, 1).fillInPlace(-1);
        z.scatterAddInPlace(label, minusOne).mulInPlace(1 / (lossDivisor * divisor));
        if (weight != null) {
          z.mulInPlace(weight);
        }
        if (slope != null) {
          z.mulInPlace(slope.addInPlace(1));
        }
        Tensor dh = dRows == null ? null : dRows.narrow(0, targets.from(), n);
        Tensor dz = z.to(rows.dtype());
        Footprint.mark(Footprint.Part.LOGITS, dz);
        back(dz, h, product.way(), dh);
      }
      return scope.keep(sum);
    }
  }

  /**
   * Goes back through the product.
   *
   * @param dz ∂loss/∂logits [n, vocabulary]
   * @param dh takes ∂loss/∂hidden [n, hidden], or null
   */
  private void back(Tensor dz, Tensor h, Adapter.Gradient way, Tensor dh) {
    Embedding head = tables.head();
    Tensor base = dz;
    if (way != null && way.scalesBase()) {
      base = dz.copy();
      way.toBaseGradient(base);
    }
    Weight weight = tables.projection();
    Tensor gradient = dh == null ? null : weight.transposedProduct(base);
    if (way != null) {
      way.backward(dz, base, gradient);
      way.close();
    }
    if (dh != null) {
      dh.copyFrom(gradient);
    }
    if (head.parameter() != null) {
      head.parameter().accumulate(base.t().mm(h));
    }
    if (head.rows() != null) {
      head.rows().accumulateProjection(base, h);
    }
  }

  /** What was formed on the way forward counts as often as the seed of the way back says. */
  private static void recordWayBack(
      Tape tape,
      Variable output,
      Variable hidden,
      Tensor index,
      Tensor dRows,
      List<Parameter> trained,
      List<Tensor> gradients) {
    Tensor at = index.detachFromScope();
    Tensor gradient = dRows == null ? null : dRows.detachFromScope();
    long[] shape = hidden.value().shape();
    tape.record(
        output,
        dy -> {
          Tensor seed = dy.view(); // without dimensions, so that types stay as they are
          if (gradient != null) {
            Tensor full = gradient.newZeros(gradient.dtype(), shape);
            full.indexAddInPlace(0, at, gradient.mulInPlace(seed));
            hidden.accumulate(full);
          }
          for (int i = 0; i < trained.size(); i++) {
            if (gradients.get(i) != null) {
              trained.get(i).accumulate(gradients.get(i).mulInPlace(seed));
            }
          }
        },
        () -> {
          at.close();
          if (gradient != null) {
            gradient.close();
          }
          gradients.forEach(g -> close(g));
        });
  }

  private static void close(Tensor gradient) {
    if (gradient != null) {
      gradient.close();
    }
  }

  /**
   * log p(token) at some places, without a way back.
   *
   * @return [places] float32, owned by the caller's scope
   */
  Tensor logProbabilities(Pass pass, Tensor hidden, int[] at, int[] tokens) {
    try (Scope scope = new Scope()) {
      int chunk = (int) Math.max(16, CHUNK_BYTES / (4L * tables.size()));
      List<Tensor> parts = new ArrayList<>();
      for (int i = 0; i < at.length; i += chunk) {
        int end = Math.min(at.length, i + chunk);
        int[] some = Arrays.copyOfRange(tokens, i, end);
        try (Scope inner = new Scope()) {
          Tensor z = logits(pass, hidden, Arrays.copyOfRange(at, i, end));
          Tensor own = z.logSoftmaxInPlace().gather(z.newInts(some).unsqueeze(1));
          parts.add(inner.keep(own.view(end - i)));
        }
      }
      return scope.keep(parts.isEmpty() ? hidden.newZeros(DType.FLOAT32, 0) : Tensor.cat(parts, 0));
    }
  }

  /** All places of hidden states. */
  static int[] all(Tensor hidden) {
    return IntStream.range(0, Math.toIntExact(hidden.size(0))).toArray();
  }
}
