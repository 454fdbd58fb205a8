package org.tlora.model;

import java.util.ArrayList;
import java.util.List;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.engine.Attention;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * Causal attention with grouped key/value heads over packed rows: each row sees only itself (and
 * its cache). Rotation and attention run in float32.
 */
final class SelfAttention {
  private final Attention kernel = new Attention();
  private final int layer;
  private final int heads;
  private final int keyHeads;
  private final int headDim;
  private final double scale;

  SelfAttention(int layer, DecoderConfig config) {
    this.layer = layer;
    this.heads = config.heads();
    this.keyHeads = config.keyValueHeads();
    this.headDim = config.headDim();
    this.scale = config.attentionScale();
  }

  /**
   * Attention's output before the output projection.
   *
   * @param qkv [tokens, (heads + 2 keyHeads) · headDim], not used by anybody else: it is rotated in
   *     place where its type allows
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
      RotaryEmbedding.rotate(part(rotated, 0, heads), angles, 1);
      RotaryEmbedding.rotate(part(rotated, heads, keyHeads), angles, 1);
      Tensor joined = Tensor.empty(DType.FLOAT32, tokens, heads, headDim);
      for (Layout.Segment s : pass.layout().segments()) {
        Tensor lse = attend(rotated, joined, s);
        if (record) {
          logSumExps.add(lse.detachFromScope());
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
      Tensor cos = Tape.save(angles.cos());
      Tensor sin = Tape.save(angles.sin());
      saved.add(cos);
      saved.add(sin);
      var back = new RotaryEmbedding.Angles(cos, sin);
      pass.tape()
          .record(
              result,
              dy -> backward(pass.layout(), qkv, kept, joined, logSumExps, back, dy, type),
              saved.toArray(Tensor[]::new));
    }
    return result;
  }

  /** A band of heads as [tokens, count, headDim]; a view. */
  private Tensor part(Tensor qkv, int firstHead, int count) {
    return qkv.narrow(1, (long) firstHead * headDim, (long) count * headDim)
        .view(qkv.size(0), count, headDim);
  }

  /** One row's attention into its part of {@code joined}; returns what backward needs. */
  private Tensor attend(Tensor rotated, Tensor joined, Layout.Segment s) {
    try (Scope scope = new Scope()) {
      Tensor rows = rotated.narrow(0, s.offset(), s.length());
      Tensor q = part(rows, 0, heads).transpose(0, 1); // [heads, length, headDim]
      Tensor k = part(rows, heads, keyHeads);
      Tensor v = part(rows, heads + keyHeads, keyHeads);
      Tensor mask = s.mask();
      if (s.cache() != null) {
        int total = s.start() + s.length();
        s.cache().append(layer, k, v);
        k = s.cache().keys(layer, total);
        v = s.cache().values(layer, total);
        mask = s.start() > 0 && s.length() > 1 ? continuation(s.length(), total) : null;
      }
      boolean causal = s.mask() == null && (s.start() == 0 || s.cache() == null);
      Tensor keys = k.transpose(0, 1);
      Tensor values = v.transpose(0, 1);
      Attention.Result r =
          s.mask() == null
              ? kernel.forward(q, keys, values, causal, mask, scale)
              : MaskedAttention.forward(q, keys, values, mask, scale);
      joined.narrow(0, s.offset(), s.length()).copyFrom(r.output().transpose(0, 1));
      return scope.keep(r.logSumExp());
    }
  }

  /** New token i, at position total − length + i, sees the keys up to its own position. */
  private static Tensor continuation(int length, int total) {
    float[] mask = new float[length * total];
    for (int i = 0; i < length; i++) {
      for (int j = total - length + i + 1; j < total; j++) {
        mask[i * total + j] = Float.NEGATIVE_INFINITY;
      }
    }
    return Tensor.ofFloats(mask, length, total);
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
    Tensor gradient = Tensor.empty(DType.FLOAT32, tokens, rotated.size(1));
    for (int i = 0; i < layout.segments().size(); i++) {
      Layout.Segment s = layout.segments().get(i);
      try (Scope scope = new Scope()) {
        Tensor rows = rotated.narrow(0, s.offset(), s.length());
        Tensor target = gradient.narrow(0, s.offset(), s.length());
        Tensor q = part(rows, 0, heads).transpose(0, 1);
        Tensor k = part(rows, heads, keyHeads).transpose(0, 1);
        Tensor v = part(rows, heads + keyHeads, keyHeads).transpose(0, 1);
        Tensor dOut = dy32.narrow(0, s.offset(), s.length()).transpose(0, 1);
        Tensor out = joined.narrow(0, s.offset(), s.length()).transpose(0, 1);
        var forward = new Attention.Result(out, logSumExps.get(i));
        Attention.Gradients g =
            s.mask() == null
                ? kernel.backward(dOut, q, k, v, forward, true, null, scale)
                : MaskedAttention.backward(dOut, q, k, v, s.mask(), scale);
        part(target, 0, heads).copyFrom(g.q().transpose(0, 1));
        part(target, heads, keyHeads).copyFrom(g.k().transpose(0, 1));
        part(target, heads + keyHeads, keyHeads).copyFrom(g.v().transpose(0, 1));
      }
    }
    RotaryEmbedding.rotate(part(gradient, 0, heads), angles, -1);
    RotaryEmbedding.rotate(part(gradient, heads, keyHeads), angles, -1);
    qkv.accumulate(gradient.to(type));
  }
}
