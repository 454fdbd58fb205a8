package org.tlora.model;

import java.util.Arrays;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Int8Matrix;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * The projection onto the vocabulary and the cross entropy behind it. Logits exist only at
 * supervised positions and only for a chunk of them at a time; the gradient by the hidden states is
 * formed in the same sweep, so that [tokens × vocabulary] is never held.
 */
final class OutputLayer {
  /** Logits of one chunk take about this many bytes. */
  private static final long CHUNK_BYTES = 48L << 20;

  private final Tensor weight;
  private final Parameter parameter;
  private final double divisor;
  private final double softcap;
  private final Int8Matrix int8; // or null

  /**
   * An output layer.
   *
   * @param weight [vocabulary, hidden]
   * @param parameter the same as something that trains, or null
   */
  OutputLayer(Tensor weight, Parameter parameter, DecoderConfig.Scales scales) {
    this(weight, parameter, scales, null);
  }

  /** The same with a weight that is rounded to eight bits, for inference. */
  OutputLayer(Tensor weight, Parameter parameter, DecoderConfig.Scales scales, Int8Matrix int8) {
    this.int8 = int8;
    this.weight = weight;
    this.parameter = parameter;
    this.divisor = scales.logitDivisor();
    this.softcap = scales.logitSoftcap();
  }

  /** Logits of some rows, [rows, vocabulary] float32; owned by the caller's scope. */
  Tensor logits(Tensor hidden) {
    try (Scope scope = new Scope()) {
      Tensor product = int8 == null ? hidden.mm(weight.t()) : int8.product(hidden);
      Tensor z = product.to(DType.FLOAT32);
      if (divisor != 1) {
        z.mulInPlace(1 / divisor);
      }
      if (softcap != 0) {
        z.mulInPlace(1 / softcap).tanhInPlace().mulInPlace(softcap);
      }
      return scope.keep(z);
    }
  }

  /**
   * Σ cross entropy / lossDivisor over supervised positions. It is the root of a pass: the
   * gradients formed here are those for a seed of one.
   *
   * @param hidden [tokens, hidden]
   * @param targets positions in {@code hidden}
   * @param labels the token to predict at each
   */
  Variable loss(Pass pass, Variable hidden, int[] targets, int[] labels, double lossDivisor) {
    boolean record = pass.tape().isOn() && (hidden.requiresGradient() || parameter != null);
    try (Scope scope = new Scope()) {
      Tensor index = Tensor.ofInts(targets);
      Tensor rows = hidden.value().indexSelect(0, index);
      Tensor dRows = record && hidden.requiresGradient() ? empty(rows) : null;
      int chunk = (int) Math.max(16, CHUNK_BYTES / (4 * weight.size(0)));
      double total = 0;
      for (int i = 0; i < targets.length; i += chunk) {
        int n = Math.min(chunk, targets.length - i);
        total += sweep(rows, dRows, i, Arrays.copyOfRange(labels, i, i + n), lossDivisor, record);
      }
      Tensor value = scope.keep(Tensor.ofFloats(new float[] {(float) (total / lossDivisor)}, 1));
      Variable output = new Variable(value, record);
      if (record) {
        recordWayBack(pass.tape(), output, hidden, index, dRows);
      }
      return output;
    }
  }

  private static Tensor empty(Tensor like) {
    return Tensor.empty(like.dtype(), like.shape());
  }

  /** One chunk: its summed loss, its rows of the gradient, its part of the weight's gradient. */
  private double sweep(
      Tensor rows, Tensor dRows, int from, int[] labels, double lossDivisor, boolean record) {
    int n = labels.length;
    try (Scope scope = new Scope()) {
      Tensor h = rows.narrow(0, from, n);
      Tensor z = logits(h); // [n, vocabulary]
      Tensor lse = z.logSumExp();
      Tensor label = Tensor.ofInts(labels).unsqueeze(1);
      double sum = lse.sub(z.gather(label)).to(DType.FLOAT64).sum().item();
      if (record) {
        // a soft cap z = c tanh(z′/c) has the slope 1 − (z/c)²
        Tensor slope = softcap == 0 ? null : z.square().mulInPlace(-1 / (softcap * softcap));
        // ∂/∂z = (softmax(z) − onehot) / divisor
        z.subInPlace(lse).expInPlace();
        Tensor minusOne = Tensor.empty(DType.FLOAT32, n, 1).fillInPlace(-1);
        z.scatterAddInPlace(label, minusOne).mulInPlace(1 / (lossDivisor * divisor));
        if (slope != null) {
          z.mulInPlace(slope.addInPlace(1));
        }
        Tensor dz = z.to(rows.dtype());
        if (dRows != null) {
          dRows.narrow(0, from, n).copyFrom(dz.mm(weight));
        }
        if (parameter != null) {
          parameter.accumulate(dz.t().mm(h));
        }
      }
      return sum;
    }
  }

  private static void recordWayBack(
      Tape tape, Variable output, Variable hidden, Tensor index, Tensor dRows) {
    if (dRows == null) {
      tape.record(output, dy -> {});
      return;
    }
    Tensor at = index.detachFromScope();
    Tensor gradient = dRows.detachFromScope();
    long[] shape = hidden.value().shape();
    tape.record(
        output,
        dy -> {
          Tensor full = Tensor.zeros(gradient.dtype(), shape);
          full.indexAddInPlace(0, at, gradient);
          hidden.accumulate(full);
        },
        at,
        gradient);
  }
}
