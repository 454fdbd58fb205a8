/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.List;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;
import org.tlora.model.DecoderConfig.AttentionConfig;
import org.tlora.model.DecoderConfig.HeadNorm;

/** Normalises queries and keys before they turn: each head, or all heads together. */
final class QueryKeyNorm implements AutoCloseable {
  private final RmsNorm queries;
  private final RmsNorm keys;
  private final long queryWidth;
  private final long keyWidth;
  private final long querySize;
  private final long keySize;

  private QueryKeyNorm(WeightStore store, String attention, DecoderConfig c) {
    AttentionConfig a = c.attention();
    boolean each = a.headNorm() == HeadNorm.EACH_HEAD;
    queryWidth = (long) a.heads() * a.headDim();
    keyWidth = (long) a.keyValueHeads() * a.headDim();
    querySize = each ? a.headDim() : queryWidth;
    keySize = each ? a.headDim() : keyWidth;
    queries = RmsNorm.load(store, attention + "q_norm", querySize, c.norm());
    keys = RmsNorm.load(store, attention + "k_norm", keySize, c.norm());
  }

  /** Null where the family has none. */
  static QueryKeyNorm load(WeightStore store, String attention, DecoderConfig c) {
    return c.attention().headNorm() == HeadNorm.NONE ? null : new QueryKeyNorm(store, attention, c);
  }

  List<RmsNorm> norms() {
    return List.of(queries, keys);
  }

  /**
   * A copy in which queries and keys are normalised.
   *
   * @param qkv [tokens, (heads + 2 keyHeads) · headDim]
   * @return likewise, owned by the caller's scope
   */
  Variable forward(Pass pass, Variable qkv) {
    boolean trains = queries.parameter() != null;
    boolean record = pass.tape().isOn() && (qkv.requiresGradient() || trains);
    Tensor y;
    Tensor queryInverse;
    Tensor keyInverse;
    try (Scope scope = new Scope()) {
      y = scope.keep(qkv.value().copy());
      RmsNorm.Normed q = queries.normalise(rows(y, 0, queryWidth, querySize), record);
      RmsNorm.Normed k = keys.normalise(rows(y, queryWidth, keyWidth, keySize), record);
      write(y, 0, queryWidth, q.y());
      write(y, queryWidth, keyWidth, k.y());
      queryInverse = record ? q.inverse().detachFromScope() : null;
      keyInverse = record ? k.inverse().detachFromScope() : null;
    }
    Variable output = new Variable(y, record);
    if (record) {
      Tensor input = Tape.save(qkv.value());
      pass.tape()
          .record(
              output,
              dy -> backward(qkv, input, queryInverse, keyInverse, dy),
              input,
              queryInverse,
              keyInverse);
    }
    return output;
  }

  private void backward(
      Variable qkv, Tensor input, Tensor queryInverse, Tensor keyInverse, Tensor dy) {
    Tensor dx = dy.copy();
    boolean wanted = qkv.requiresGradient();
    Tensor dq =
        queries.gradient(
            rows(input, 0, queryWidth, querySize),
            queryInverse,
            rows(dy, 0, queryWidth, querySize),
            wanted);
    Tensor dk =
        keys.gradient(
            rows(input, queryWidth, keyWidth, keySize),
            keyInverse,
            rows(dy, queryWidth, keyWidth, keySize),
            wanted);
    if (wanted) {
      write(dx, 0, queryWidth, dq);
      write(dx, queryWidth, keyWidth, dk);
      qkv.accumulate(dx);
    }
  }

  private static Tensor rows(Tensor all, long from, long width, long size) {
    return all.narrow(1, from, width).reshape(all.size(0) * width / size, size);
  }

  private static void write(Tensor all, long from, long width, Tensor rows) {
    all.narrow(1, from, width).copyFrom(rows.to(DType.FLOAT32).view(all.size(0), width));
  }

  @Override
  public void close() {
    queries.close();
    keys.close();
  }
}
