/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;

/**
 * What an encoder makes of tokens, their places and their segments: the sum of vectors, normalised.
 */
final class EncoderEmbeddings implements AutoCloseable {
  private final Embedding words;
  private final Embedding positions; // or null
  private final Embedding types; // or null
  private final int firstPosition;
  private final LayerNorm norm;

  EncoderEmbeddings(WeightStore store, EncoderConfig c, DType type) {
    String path = c.names().prefix() + "embeddings.";
    long hidden = c.hiddenSize();
    words =
        Embedding.of(
            store, path + "word_embeddings", c.vocabularySize(), hidden, c.padToken(), type);
    if (c.positions() instanceof EncoderConfig.Absolute a) {
      firstPosition = a.first();
      positions =
          Embedding.of(
              store,
              path + "position_embeddings",
              (long) c.maxPositions() + a.first(),
              hidden,
              -1,
              type);
    } else {
      firstPosition = 0;
      positions = null;
    }
    types =
        c.tokenTypes() == 0
            ? null
            : Embedding.of(store, path + "token_type_embeddings", c.tokenTypes(), hidden, -1, type);
    norm = LayerNorm.load(store, path + "LayerNorm", hidden, c.normEpsilon());
  }

  private List<Embedding> tables() {
    List<Embedding> tables = new ArrayList<>(Arrays.asList(words, positions, types));
    tables.removeIf(t -> t == null);
    return tables;
  }

  List<Parameter> unfreeze() {
    List<Parameter> parameters = new ArrayList<>();
    for (Embedding table : tables()) {
      table.unfreeze();
      parameters.add(table.parameter());
    }
    parameters.addAll(norm.unfreeze());
    return parameters;
  }

  void freeze() {
    tables().forEach(Embedding::freeze);
    norm.freeze();
  }

  boolean trains() {
    return norm.trains();
  }

  void addTo(Map<String, Tensor> all) {
    tables().forEach(t -> all.put(t.tensorName(), t.values().alias()));
    norm.addTo(all);
  }

  /** The vectors, [tokens, hidden]; owned by the caller's scope. */
  Variable forward(Pass pass, Batch batch) {
    try (Scope scope = new Scope()) {
      Variable sum = words.forward(pass, batch.ids());
      if (types != null) {
        sum = Residual.add(pass, sum, types.forward(pass, typesOf(batch)), 1);
      }
      if (positions != null) {
        sum = Residual.add(pass, sum, positions.forward(pass, positionsOf(pass)), 1);
      }
      Variable y = norm.forward(pass, sum);
      scope.keep(y.value());
      return y;
    }
  }

  private int[] positionsOf(Pass pass) {
    return Arrays.stream(pass.layout().positions()).map(p -> p + firstPosition).toArray();
  }

  /** Segments beyond what the model knows kinds of are of the first kind. */
  private int[] typesOf(Batch batch) {
    int[] kinds = new int[batch.tokens()];
    if (types.count() < 2) {
      return kinds;
    }
    int at = 0;
    for (int r = 0; r < batch.lengths().length; r++) {
      Arrays.fill(kinds, at + batch.secondFrom()[r], at + batch.lengths()[r], 1);
      at += batch.lengths()[r];
    }
    return kinds;
  }

  @Override
  public void close() {
    tables().forEach(Embedding::close);
    norm.close();
  }
}
