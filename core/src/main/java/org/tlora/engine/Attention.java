/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

/**
 * Scaled dot-product attention, softmax(q kᵀ · scale + mask) v, by libtorch's blocked kernel for
 * processors, which never holds the whole score matrix.
 *
 * <p>Shapes: q [heads, queries, headDim]; k and v [keyHeads, keys, headDim] with {@code heads} a
 * multiple of {@code keyHeads}; mask [queries, keys] added to the scores, or null. float32, but for
 * the way forward where {@link #isFastInBfloat16}: without AMX the kernel is an order of magnitude
 * slower in bfloat16, and the way back is with it, too.
 */
public final class Attention {
  private static final boolean AMX = Processor.detect().features().contains("amx_bf16");

  private final Operator forward =
      new Operator("aten::_scaled_dot_product_flash_attention_for_cpu");
  private final Operator backward =
      new Operator("aten::_scaled_dot_product_flash_attention_for_cpu_backward");

  /**
   * What backward needs of a forward pass.
   *
   * @param output [heads, queries, headDim]
   * @param logSumExp [1, heads, queries]
   */
  public record Result(Tensor output, Tensor logSumExp) {}

  /** The gradients, in the shapes of q, k and v. */
  public record Gradients(Tensor q, Tensor k, Tensor v) {}

  /** Whether the way forward is faster in bfloat16 than in float32. */
  public static boolean isFastInBfloat16() {
    return AMX;
  }

  /** Whether tensors of a device can be attended with. */
  public static boolean isFor(Device device) {
    return device.kind() != Device.Kind.CUDA;
  }

  /** Attention of every query over the keys; causal: query i sees keys 0…i. */
  public Result forward(Tensor q, Tensor k, Tensor v, boolean causal, Tensor mask, double scale) {
    Footprint.computes(() -> Computation.RowAttention.of(q, k, causal, false));
    if (q.p.is_meta()) {
      Tensor logSumExp = q.newEmpty(DType.FLOAT32, 1, q.size(0), q.size(1));
      return new Result(like(q), logSumExp);
    }
    Tensor[] out = new Tensor[2];
    Engine.inParallelRegions(
        () -> {
          try (Scope scope = new Scope()) {
            Tensor[] r =
                forward.call(
                    q.unsqueeze(0), k.unsqueeze(0), v.unsqueeze(0), 0.0, causal, mask, scale);
            out[0] = scope.keep(r[0].select(0, 0));
            out[1] = scope.keep(r[1]);
          }
        });
    return new Result(out[0], out[1]);
  }

  /**
   * Attention of rows side by side, without a way back.
   *
   * @param q [rows, heads, queries, headDim]
   * @param k [rows, keyHeads, keys, headDim], like v
   * @param mask [rows, 1, queries, keys] added to the scores, or null
   * @return in the shape of q
   */
  public Tensor forwardRows(Tensor q, Tensor k, Tensor v, Tensor mask, double scale) {
    if (q.p.is_meta()) {
      return like(q);
    }
    Tensor[] out = new Tensor[1];
    Engine.inParallelRegions(
        () -> {
          try (Scope scope = new Scope()) {
            out[0] = scope.keep(forward.call(q, k, v, 0.0, false, mask, scale)[0].contiguous());
          }
        });
    return out[0];
  }

  private static Tensor like(Tensor t) {
    return t.newEmpty(t.dtype(), t.shape());
  }

  /** The gradients for {@code dOutput} [heads, queries, headDim]. */
  public Gradients backward(
      Tensor dOutput,
      Tensor q,
      Tensor k,
      Tensor v,
      Result result,
      boolean causal,
      Tensor mask,
      double scale) {
    Footprint.computes(() -> Computation.RowAttention.of(q, k, causal, true));
    if (q.p.is_meta()) {
      return new Gradients(like(q), like(k), like(v));
    }
    Tensor[] out = new Tensor[3];
    Engine.inParallelRegions(
        () -> {
          try (Scope scope = new Scope()) {
            Tensor[] r =
                backward.call(
                    dOutput.unsqueeze(0),
                    q.unsqueeze(0),
                    k.unsqueeze(0),
                    v.unsqueeze(0),
                    result.output().unsqueeze(0),
                    result.logSumExp(),
                    0.0,
                    causal,
                    mask,
                    scale);
            for (int i = 0; i < 3; i++) {
              out[i] = scope.keep(r[i].select(0, 0));
            }
          }
        });
    return new Gradients(out[0], out[1], out[2]);
  }
}
