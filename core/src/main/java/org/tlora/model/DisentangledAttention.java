/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.ArrayList;
import java.util.List;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;

/**
 * Disentangled attention (He et al., arXiv 2006.03654; with shared projections and log buckets,
 * 2111.09543): beside content with content, a query's content meets the key's place, and a key's
 * content the query's. The vectors of distances go through the layer's own query and key
 * projections, adapters included.
 */
final class DisentangledAttention implements EncoderAttention {
  private final LinearGroup queryKey;
  private final LinearGroup value;
  private final RelativeEmbedding relative;
  private final int heads;
  private final int headDim;
  private final int span;
  private final boolean contentToPosition;
  private final boolean positionToContent;
  private final double scale;

  DisentangledAttention(
      WeightStore store, EncoderConfig c, String layer, RelativeEmbedding relative, DType type) {
    EncoderConfig.Names n = c.names();
    long hidden = c.hiddenSize();
    queryKey =
        LinearGroup.load(
            store,
            List.of(layer + n.query(), layer + n.key()),
            List.of(hidden, hidden),
            hidden,
            true,
            type);
    value =
        LinearGroup.load(store, List.of(layer + n.value()), List.of(hidden), hidden, true, type);
    this.relative = relative;
    heads = c.heads();
    headDim = c.headDim();
    EncoderConfig.Relative r = relative.config();
    span = r.span();
    contentToPosition = r.contentToPosition();
    positionToContent = r.positionToContent();
    int terms = 1 + (contentToPosition ? 1 : 0) + (positionToContent ? 1 : 0);
    scale = 1 / Math.sqrt((double) headDim * terms);
  }

  @Override
  public List<Linear> linears() {
    List<Linear> all = new ArrayList<>(queryKey.linears());
    all.addAll(value.linears());
    return all;
  }

  @Override
  public Variable forward(Pass pass, Variable x) {
    try (Scope scope = new Scope()) {
      if (!pass.adapters().isUniform()) {
        throw new IllegalArgumentException(
            "rows of this model share the vectors of distances: a batch runs with one adapter");
      }
      long tokens = x.value().size(0);
      Variable joined = Joined.forward(pass, x, relative.forward(pass));
      Variable qk = queryKey.forward(pass, joined, tokens);
      Variable v = value.forward(pass, x);
      Variable y = attend(pass, qk, v);
      scope.keep(y.value());
      return y;
    }
  }

  private Variable attend(Pass pass, Variable qk, Variable v) {
    boolean record = pass.tape().isOn() && (qk.requiresGradient() || v.requiresGradient());
    DType type = v.value().dtype();
    Tensor y;
    Tensor qk32;
    Tensor v32;
    try (Scope scope = new Scope()) {
      qk32 = qk.value().to(DType.FLOAT32);
      v32 = v.value().to(DType.FLOAT32);
      Tensor out = v32.newEmpty(DType.FLOAT32, v32.size(0), v32.size(1));
      for (Layout.Segment s : pass.layout().segments()) {
        try (Scope row = new Scope()) {
          Row r = new Row(qk32, v32, s);
          write(out, s, r.probabilities().bmm(r.v));
        }
      }
      y = scope.keep(out.to(type));
      qk32 = record ? Tape.save(qk32) : null;
      v32 = record ? Tape.save(v32) : null;
    }
    Variable output = new Variable(y, record);
    if (record) {
      Tensor savedQk = qk32;
      Tensor savedV = v32;
      Layout layout = pass.layout();
      pass.tape()
          .record(
              output,
              dy -> backward(layout, qk, v, savedQk, savedV, dy.to(DType.FLOAT32), type),
              savedQk,
              savedV);
    }
    return output;
  }

  private void backward(
      Layout layout, Variable qk, Variable v, Tensor qk32, Tensor v32, Tensor dy, DType type) {
    Tensor dqk = dy.newZeros(DType.FLOAT32, qk32.shape());
    Tensor dv = dy.newEmpty(DType.FLOAT32, v32.shape());
    for (Layout.Segment s : layout.segments()) {
      try (Scope scope = new Scope()) {
        new Row(qk32, v32, s).backward(heads(dy, s.offset(), s.length(), 0), dqk, dv);
      }
    }
    qk.accumulate(dqk.to(type));
    v.accumulate(dv.to(type));
  }

  /** Rows and a band of columns as [heads, rows, headDim]; a view. */
  private Tensor heads(Tensor all, long from, long length, int band) {
    long hidden = (long) heads * headDim;
    return all.narrow(0, from, length)
        .narrow(1, band * hidden, hidden)
        .view(length, heads, headDim)
        .transpose(0, 1);
  }

  private void write(Tensor all, Layout.Segment s, Tensor perHead) {
    heads(all, s.offset(), s.length(), 0).copyFrom(perHead);
  }

  /** One row of a batch. */
  private final class Row {
    private final Layout.Segment s;
    private final Tensor q; // [heads, n, headDim], like k and v
    private final Tensor k;
    private final Tensor v;
    private final Tensor placeQ; // [heads, 2 span, headDim]
    private final Tensor placeK;
    private final Tensor index; // [heads, n, n]
    private final Tensor indexT;

    Row(Tensor qk, Tensor allV, Layout.Segment s) {
      this.s = s;
      long tokens = allV.size(0);
      q = heads(qk, s.offset(), s.length(), 0);
      k = heads(qk, s.offset(), s.length(), 1);
      v = heads(allV, s.offset(), s.length(), 0);
      placeQ = heads(qk, tokens, 2L * span, 0);
      placeK = heads(qk, tokens, 2L * span, 1);
      Tensor one = relative.indices(s.length());
      index = one.unsqueeze(0).expand(heads, s.length(), s.length());
      indexT = one.t().unsqueeze(0).expand(heads, s.length(), s.length());
    }

    /** softmax(scale · (q kᵀ + q·placeK[index] + (k·placeQ[indexᵀ])ᵀ)). */
    Tensor probabilities() {
      Tensor scores = q.bmm(k.transpose(1, 2));
      if (contentToPosition) {
        scores.addInPlace(q.bmm(placeK.transpose(1, 2)).gather(index));
      }
      if (positionToContent) {
        Tensor ofKeys = k.bmm(placeQ.transpose(1, 2)).gather(indexT); // [heads, keys, queries]
        scores.addInPlace(ofKeys.transpose(1, 2));
      }
      return scores.mulInPlace(scale).softmaxInPlace();
    }

    /**
     * dV = Pᵀ dO, dS = scale · P ∘ (dP − Σ dP ∘ P) with dP = dO Vᵀ; what goes to places is summed
     * over all pairs of that distance.
     */
    void backward(Tensor dOut, Tensor dqk, Tensor dv) {
      Tensor p = probabilities();
      write(dv, s, p.transpose(1, 2).bmm(dOut));
      Tensor dp = dOut.bmm(v.transpose(1, 2));
      Tensor ds = dp.sub(dp.mul(p).sum(2, true)).mulInPlace(p).mulInPlace(scale);
      Tensor dsT = ds.transpose(1, 2);
      Tensor dq = ds.bmm(k);
      Tensor dk = dsT.bmm(q);
      long tokens = dv.size(0);
      if (contentToPosition) {
        Tensor byPlace = byPlace(index, ds); // [heads, queries, 2 span]
        dq.addInPlace(byPlace.bmm(placeK));
        heads(dqk, tokens, 2L * span, 1).addInPlace(byPlace.transpose(1, 2).bmm(q));
      }
      if (positionToContent) {
        Tensor byPlace = byPlace(indexT, dsT); // [heads, keys, 2 span]
        dk.addInPlace(byPlace.bmm(placeQ));
        heads(dqk, tokens, 2L * span, 0).addInPlace(byPlace.transpose(1, 2).bmm(k));
      }
      heads(dqk, s.offset(), s.length(), 0).copyFrom(dq);
      heads(dqk, s.offset(), s.length(), 1).copyFrom(dk);
    }

    private Tensor byPlace(Tensor at, Tensor values) {
      return values
          .newZeros(DType.FLOAT32, heads, s.length(), 2L * span)
          .scatterAddInPlace(at, values);
    }
  }

  @Override
  public void close() {
    queryKey.close();
    value.close();
  }
}
