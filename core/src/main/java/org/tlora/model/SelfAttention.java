/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.engine.Attention;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.DecoderConfig.AttentionConfig;

/**
 * Attention with grouped key/value heads over packed rows: each row sees only itself (and its
 * cache); a decoder's causally and within the layer's window. Rotation runs in float32. So does
 * attention, of queries, keys and values that are rounded to the type of the products, but where
 * the processor is faster at it in that type.
 */
final class SelfAttention {
  private final Attention kernel = new Attention();
  private final int layer;
  private final int heads;
  private final int keyHeads;
  private final int headDim;
  private final double scale;
  private final double softcap;
  private final int window;
  private final boolean causal;

  /** That of a decoder's layer. */
  SelfAttention(int layer, AttentionConfig config) {
    this.layer = layer;
    this.heads = config.heads();
    this.keyHeads = config.keyValueHeads();
    this.headDim = config.headDim();
    this.scale = config.scale();
    this.softcap = config.softcap();
    this.window = config.layers().get(layer).window();
    this.causal = true;
  }

  /** An encoder's, in which every token sees its whole row. */
  SelfAttention(int heads, int headDim) {
    this.layer = 0;
    this.heads = heads;
    this.keyHeads = heads;
    this.headDim = headDim;
    this.scale = 1 / Math.sqrt(headDim);
    this.softcap = 0;
    this.window = 0;
    this.causal = false;
  }

  /**
   * Attention's output before the output projection.
   *
   * @param qkv [tokens, (heads + 2 keyHeads) · headDim], not used by anybody else: it is rotated in
   *     place where its type allows
   * @param angles null: the layer does not know positions
   * @return [tokens, heads · headDim], owned by the caller's scope
   */
  Variable forward(Pass pass, Variable qkv, RotaryEmbedding.Angles angles) {
    DType type = qkv.value().dtype();
    boolean record = pass.tape().isOn() && qkv.requiresGradient();
    long tokens = qkv.value().size(0);
    Tensor output;
    Tensor rotated;
    List<Tensor> logSumExps = new ArrayList<>();
    try (Scope scope = new Scope()) {
      rotated = qkv.value().to(DType.FLOAT32);
      rotate(rotated, angles, 1);
      if (isKeptAs(type, pass.layout())) {
        rotated = rotated.to(type);
      }
      boolean oneByOne = record || softcap != 0 || !Attention.isFor(rotated.device());
      KvPool pool = oneByOne ? null : pass.layout().poolOfSingles();
      Tensor joined =
          pool != null
              ? attendSideBySide(pool, rotated, pass.layout())
              : rotated.newEmpty(rotated.dtype(), tokens, heads, headDim);
      if (pool == null) {
        for (Layout.Segment s : pass.layout().segments()) {
          Tensor lse = attend(rotated, joined, s);
          if (record) {
            logSumExps.add(lse.detachFromScope());
          }
        }
      }
      output = scope.keep(joined.view(tokens, (long) heads * headDim).to(type));
      rotated = record ? Tape.save(rotated) : null;
      if (record) {
        logSumExps.add(Tape.save(joined));
      }
    }
    Variable result = new Variable(output, record);
    if (record) {
      Tensor kept = rotated;
      List<Tensor> saved = new ArrayList<>(logSumExps);
      saved.add(kept);
      Tensor joined = logSumExps.get(logSumExps.size() - 1);
      RotaryEmbedding.Angles back = angles == null ? null : saved(angles, saved);
      pass.tape()
          .record(
              result,
              dy -> backward(pass.layout(), qkv, kept, joined, logSumExps, back, dy, type),
              saved.toArray(Tensor[]::new));
    }
    return result;
  }

  /**
   * Whether queries, keys and values are rounded to the type that products compute in, as the way
   * back keeps them in half the memory then; caches are in float32.
   */
  private static boolean isKeptAs(DType type, Layout layout) {
    return type == DType.BFLOAT16 && layout.segments().stream().allMatch(s -> s.cache() == null);
  }

  private static RotaryEmbedding.Angles saved(RotaryEmbedding.Angles angles, List<Tensor> all) {
    Tensor cos = Tape.save(angles.cos());
    Tensor sin = Tape.save(angles.sin());
    all.add(cos);
    all.add(sin);
    return new RotaryEmbedding.Angles(cos, sin);
  }

  /** Turns queries and keys of [tokens, (heads + 2 keyHeads) · headDim] in place. */
  private void rotate(Tensor qkv, RotaryEmbedding.Angles angles, double direction) {
    if (angles != null) {
      RotaryEmbedding.rotate(part(qkv, 0, heads + keyHeads), angles, direction);
    }
  }

  /** A band of heads as [tokens, count, headDim]; a view. */
  private Tensor part(Tensor qkv, int firstHead, int count) {
    return qkv.narrow(1, (long) firstHead * headDim, (long) count * headDim)
        .view(qkv.size(0), count, headDim);
  }

  /** All rows at once, each with one new token and the keys of its slot, [rows, heads, headDim]. */
  private Tensor attendSideBySide(KvPool pool, Tensor rotated, Layout layout) {
    int rows = layout.segments().size();
    int[] starts = layout.segments().stream().mapToInt(Layout.Segment::start).toArray();
    int longest = Arrays.stream(starts).max().orElseThrow() + 1;
    pool.writeOneEach(
        layer, starts, part(rotated, heads, keyHeads), part(rotated, heads + keyHeads, keyHeads));
    Tensor q = part(rotated, 0, heads).unsqueeze(2); // [rows, heads, 1, headDim]
    Tensor keys = pool.keysOfRows(layer, rows, longest);
    Tensor values = pool.valuesOfRows(layer, rows, longest);
    Tensor mask = maskOfRows(q, starts, longest);
    return kernel.forwardRows(q, keys, values, mask, scale).view(rows, heads, headDim);
  }

  /** [rows, 1, 1, longest], or null where every row sees all. */
  private Tensor maskOfRows(Tensor q, int[] starts, int longest) {
    boolean all = window <= 0 || longest <= window;
    for (int start : starts) {
      all &= start + 1 == longest;
    }
    if (all) {
      return null;
    }
    float[] mask = new float[starts.length * longest];
    for (int row = 0; row < starts.length; row++) {
      int from = window > 0 ? Math.max(0, starts[row] + 1 - window) : 0;
      Arrays.fill(mask, row * longest, row * longest + from, Float.NEGATIVE_INFINITY);
      Arrays.fill(
          mask, row * longest + starts[row] + 1, (row + 1) * longest, Float.NEGATIVE_INFINITY);
    }
    return q.newFloats(mask, starts.length, 1, 1, longest);
  }

  /** One row's attention into its part of {@code joined}; returns what backward needs. */
  private Tensor attend(Tensor rotated, Tensor joined, Layout.Segment s) {
    try (Scope scope = new Scope()) {
      Tensor rows = rotated.narrow(0, s.offset(), s.length());
      if (byScores(s, rows) || !Attention.isFastInBfloat16()) {
        rows = rows.to(DType.FLOAT32);
      }
      Tensor q = part(rows, 0, heads).transpose(0, 1); // [heads, length, headDim]
      Tensor k = part(rows, heads, keyHeads);
      Tensor v = part(rows, heads + keyHeads, keyHeads);
      int total = s.cache() == null ? s.length() : s.start() + s.length();
      if (s.cache() != null) {
        s.cache().append(layer, k, v);
        k = s.cache().keys(layer, total);
        v = s.cache().values(layer, total);
      }
      Tensor keys = k.transpose(0, 1);
      Tensor values = v.transpose(0, 1);
      boolean byScores = byScores(s, q);
      Tensor mask = mask(s, total, q, byScores);
      boolean lower = causal && mask == null && s.length() == total;
      Attention.Result r =
          byScores
              ? MaskedAttention.forward(q, keys, values, mask, scale, softcap)
              : kernel.forward(q, keys, values, lower, mask, scale);
      joined.narrow(0, s.offset(), s.length()).copyFrom(r.output().transpose(0, 1));
      return scope.keep(r.logSumExp());
    }
  }

  /** Whether the blocked kernel, which is for processors, cannot do it. */
  private boolean byScores(Layout.Segment s, Tensor q) {
    return s.mask() != null || softcap != 0 || !Attention.isFor(q.device());
  }

  /** What is added to the scores of a row's {@code total} keys; null where the kernel knows it. */
  private Tensor mask(Layout.Segment s, long total, Tensor q, boolean byScores) {
    boolean narrow = window > 0 && total > window;
    if (s.mask() != null) {
      Tensor lowest = CausalMask.of(q.device(), s.length(), total, window, -Float.MAX_VALUE);
      return narrow ? s.mask().minimum(lowest) : s.mask();
    }
    boolean continues = total > s.length();
    if (narrow || (byScores && causal) || (continues && s.length() > 1)) {
      int width = narrow ? window : 0;
      return CausalMask.of(q.device(), s.length(), total, width, Double.NEGATIVE_INFINITY);
    }
    return null;
  }

  private void backward(
      Layout layout,
      Variable qkv,
      Tensor rotated,
      Tensor joined,
      List<Tensor> logSumExps,
      RotaryEmbedding.Angles angles,
      Tensor dy,
      DType type) {
    long tokens = rotated.size(0);
    Tensor dy32 = dy.to(DType.FLOAT32).view(tokens, heads, headDim);
    Tensor gradient = dy.newEmpty(DType.FLOAT32, tokens, rotated.size(1));
    for (int i = 0; i < layout.segments().size(); i++) {
      Layout.Segment s = layout.segments().get(i);
      try (Scope scope = new Scope()) {
        Tensor rows = rotated.narrow(0, s.offset(), s.length()).to(DType.FLOAT32);
        Tensor target = gradient.narrow(0, s.offset(), s.length());
        Tensor q = part(rows, 0, heads).transpose(0, 1);
        Tensor k = part(rows, heads, keyHeads).transpose(0, 1);
        Tensor v = part(rows, heads + keyHeads, keyHeads).transpose(0, 1);
        Tensor dOut = dy32.narrow(0, s.offset(), s.length()).transpose(0, 1);
        Tensor out = joined.narrow(0, s.offset(), s.length()).to(DType.FLOAT32).transpose(0, 1);
        var forward = new Attention.Result(out, logSumExps.get(i));
        boolean byScores = byScores(s, q);
        Tensor mask = mask(s, s.length(), q, byScores);
        Attention.Gradients g =
            byScores
                ? MaskedAttention.backward(dOut, q, k, v, mask, scale, softcap)
                : kernel.backward(dOut, q, k, v, forward, causal && mask == null, mask, scale);
        part(target, 0, heads).copyFrom(g.q().transpose(0, 1));
        part(target, heads, keyHeads).copyFrom(g.k().transpose(0, 1));
        part(target, heads + keyHeads, keyHeads).copyFrom(g.v().transpose(0, 1));
      }
    }
    rotate(gradient, angles, -1);
    qkv.accumulate(gradient.to(type));
  }
}
