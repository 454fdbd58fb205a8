/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;

/** The vectors of distances that all layers share, and which distance has which. */
final class RelativeEmbedding implements AutoCloseable {
  private final EncoderConfig.Relative config;
  private final Embedding table;
  private final LayerNorm norm; // or null
  private final int[] all;

  RelativeEmbedding(WeightStore store, EncoderConfig c, EncoderConfig.Relative r, DType type) {
    config = r;
    String path = c.names().prefix() + "encoder.";
    int rows = 2 * r.span();
    table = Embedding.of(store, path + "rel_embeddings", rows, c.hiddenSize(), -1, type);
    norm =
        r.normed()
            ? LayerNorm.load(store, path + "LayerNorm", c.hiddenSize(), c.normEpsilon())
            : null;
    all = java.util.stream.IntStream.range(0, rows).toArray();
  }

  List<Parameter> unfreeze() {
    List<Parameter> parameters = new ArrayList<>();
    table.unfreeze();
    parameters.add(table.parameter());
    if (norm != null) {
      parameters.addAll(norm.unfreeze());
    }
    return parameters;
  }

  void freeze() {
    table.freeze();
    if (norm != null) {
      norm.freeze();
    }
  }

  void addTo(Map<String, Tensor> weights) {
    weights.put(table.tensorName(), table.values().alias());
    if (norm != null) {
      norm.addTo(weights);
    }
  }

  /** All vectors, [2 · span, hidden]; owned by the caller's scope. */
  Variable forward(Pass pass) {
    try (Scope scope = new Scope()) {
      Variable vectors = table.forward(pass, all);
      Variable y = norm == null ? vectors : norm.forward(pass, vectors);
      scope.keep(y.value());
      return y;
    }
  }

  /**
   * Which vector belongs to the way from each query to each key of a row.
   *
   * @return [queries, keys], owned by the caller's scope
   */
  Tensor indices(int length) {
    int[] ofDistance = new int[2 * length - 1];
    for (int i = 0; i < ofDistance.length; i++) {
      ofDistance[i] = index(i - length + 1);
    }
    long[] indices = new long[length * length];
    for (int q = 0; q < length; q++) {
      for (int k = 0; k < length; k++) {
        indices[q * length + k] = ofDistance[q - k + length - 1];
      }
    }
    return Tensor.ofLongs(table.projection().device(), indices, length, length);
  }

  private int index(int distance) {
    int moved = bucket(distance) + config.span();
    return Math.max(0, Math.min(2 * config.span() - 1, moved));
  }

  /**
   * Up to half of the buckets each distance has its own; beyond, they grow with its logarithm:
   * ⌈ln(d/m) / ln((largest − 1)/m) · (m − 1)⌉ + m for m half of the buckets.
   */
  private int bucket(int distance) {
    int m = config.buckets() / 2;
    int d = Math.abs(distance);
    if (config.buckets() == 0 || d <= m) {
      return distance;
    }
    // in float32, as the reference does: where the quotient is whole, the last bit decides
    float share = (float) Math.log((float) d / m) / (float) Math.log((config.largest() - 1f) / m);
    int bucket = (int) Math.ceil(share * (m - 1)) + m;
    return distance < 0 ? -bucket : bucket;
  }

  EncoderConfig.Relative config() {
    return config;
  }

  @Override
  public void close() {
    table.close();
    if (norm != null) {
      norm.close();
    }
  }
}
