package org.tlora.model;

import java.util.Arrays;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Random;
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

  private final VocabularyTables tables;
  private final double divisor;
  private final double softcap;

  /** An output layer whose weight, [vocabulary, hidden], is the head of some tables. */
  OutputLayer(VocabularyTables tables, DecoderConfig.Scales scales) {
    this.tables = tables;
    this.divisor = scales.logitDivisor();
    this.softcap = scales.logitSoftcap();
  }

  /** Logits of some rows, [rows, vocabulary] float32; owned by the caller's scope. */
  Tensor logits(Tensor hidden) {
    try (Scope scope = new Scope()) {
      Pass pass = Pass.inference(Layout.of(Math.toIntExact(hidden.size(0))));
      return scope.keep(scaled(product(pass, hidden, false).value()));
    }
  }

  /** What the weight and the adapter on it make of hidden states, and the way back through that. */
  private record Product(Tensor value, Adapter.Gradient way) {}

  private Product product(Pass pass, Tensor hidden, boolean record) {
    if (tables.int8() != null) {
      return new Product(tables.int8().product(hidden), null);
    }
    Tensor z = hidden.mm(tables.head().weight().t());
    Linear slot = tables.headSlot();
    Adapter adapter = slot.adapter();
    return new Product(z, adapter == null ? null : adapter.forward(pass, slot, hidden, z, record));
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

  private boolean trains() {
    return tables.head().parameter() != null
        || tables.head().rows() != null
        || tables.headSlot().adapterTrains();
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
    boolean record = pass.tape().isOn() && (hidden.requiresGradient() || trains());
    try (Scope scope = new Scope()) {
      Tensor index = Tensor.ofInts(targets);
      Tensor rows = hidden.value().indexSelect(0, index);
      Tensor dRows = record && hidden.requiresGradient() ? empty(rows) : null;
      int chunk = (int) Math.max(16, CHUNK_BYTES / (4L * tables.size()));
      double total = 0;
      for (int i = 0; i < targets.length; i += chunk) {
        int n = Math.min(chunk, targets.length - i);
        total +=
            sweep(
                chunkOf(pass, i),
                rows,
                dRows,
                i,
                Arrays.copyOfRange(labels, i, i + n),
                lossDivisor,
                record);
      }
      Tensor value = scope.keep(Tensor.ofFloats(new float[] {(float) (total / lossDivisor)}, 1));
      Variable output = new Variable(value, record);
      if (record) {
        recordWayBack(pass.tape(), output, hidden, index, dRows);
      }
      return output;
    }
  }

  /** Each chunk drops by itself. */
  private static Pass chunkOf(Pass pass, int from) {
    Long seed = pass.dropoutSeed();
    return new Pass(
        pass.tape(), pass.layout(), null, seed == null ? null : (Long) Random.mix(seed, from));
  }

  private static Tensor empty(Tensor like) {
    return Tensor.empty(like.dtype(), like.shape());
  }

  /** One chunk: its summed loss, its rows of the gradient, its part of the weight's gradient. */
  private double sweep(
      Pass pass,
      Tensor rows,
      Tensor dRows,
      int from,
      int[] labels,
      double lossDivisor,
      boolean record) {
    int n = labels.length;
    try (Scope scope = new Scope()) {
      Tensor h = rows.narrow(0, from, n);
      Product product = product(pass, h, record);
      Tensor z = scaled(product.value()); // [n, vocabulary]
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
        back(z.to(rows.dtype()), h, product.way(), dRows == null ? null : dRows.narrow(0, from, n));
      }
      return sum;
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
    Tensor gradient = dh == null ? null : base.mm(head.weight());
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
