/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.Arrays;
import java.util.List;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;
import org.tlora.fault.InputFault;
import org.tlora.model.weight.CodedWeight;
import org.tlora.model.weight.DenseWeight;
import org.tlora.model.weight.Weight;

/**
 * A table of vectors, [rows, width], most often of tokens: what ids are looked up in, or projected
 * onto.
 */
final class Embedding implements AutoCloseable {
  private final String name;
  private final int padToken;
  private final double factor;
  private final Linear lookup;
  private Weight weight;
  private Parameter parameter;
  private TokenRows rows; // or null

  private Embedding(String name, Weight weight, int padToken, double factor) {
    this.name = name;
    this.padToken = padToken;
    this.weight = weight;
    this.factor = factor;
    lookup = new Linear(name, new AsLookup());
  }

  /** The token embedding {@code model.embed_tokens}. */
  static Embedding ofTokens(WeightStore store, DecoderConfig c, DType type) {
    String name = "model.embed_tokens";
    return new Embedding(name, table(store, name, c, type), c.padToken(), c.scales().embedding());
  }

  /** A table for the output layer, which is looked up by nobody. */
  static Embedding ofOutput(WeightStore store, String name, DecoderConfig c, DType type) {
    return new Embedding(name, table(store, name, c, type), -1, 1);
  }

  /** A table of {@code rows} vectors that are added up with others. */
  static Embedding of(
      WeightStore store, String name, long rows, long width, int padToken, DType type) {
    LinearGroup.requireShape(store, name + ".weight", rows, width);
    return new Embedding(name, new DenseWeight(store.load(name + ".weight", type)), padToken, 1);
  }

  private static Weight table(WeightStore store, String name, DecoderConfig c, DType type) {
    String tensor = name + ".weight";
    LinearGroup.requireShape(store, tensor, c.vocabularySize(), c.hiddenSize());
    return store
        .coded(tensor)
        .<Weight>map(codes -> new CodedWeight(List.of(codes), type))
        .orElseGet(() -> new DenseWeight(store.load(tensor, type)));
  }

  /** The same table again, under another name and in memory of its own. */
  Embedding separate(String newName) {
    return new Embedding(newName, new DenseWeight(values().copy()), -1, 1);
  }

  void unfreeze() {
    parameter = new Parameter(name + ".weight", values().alias());
  }

  void freeze() {
    parameter = null;
    if (rows != null) {
      rows.close();
      rows = null;
    }
  }

  Parameter parameter() {
    return parameter;
  }

  /** Lets the vectors of some ids train by themselves. */
  TokenRows unfreezeRows(int[] ids) {
    rows = new TokenRows(name, ids, values());
    return rows;
  }

  /** The vectors that train by themselves, or null. */
  TokenRows rows() {
    return rows;
  }

  String tensorName() {
    return name + ".weight";
  }

  /** How many vectors there are. */
  long count() {
    return weight.outFeatures();
  }

  /** How many numbers there are. */
  long size() {
    return count() * width();
  }

  /**
   * [rows, width], with the vectors that train by themselves in it, only to read; owned by the
   * caller's scope.
   */
  Tensor numbers() {
    return projection().rows(0, count());
  }

  /** The same in place; what is to have other values is held as numbers from then on. */
  Tensor values() {
    DenseWeight dense = DenseWeight.of(weight);
    weight = dense;
    Tensor all = dense.values();
    if (rows != null) {
      rows.copyInto(all);
    }
    return all;
  }

  /** The table as what hidden states are projected onto. */
  Weight projection() {
    if (rows != null) {
      values();
    }
    return weight;
  }

  long bytes() {
    return weight.bytes();
  }

  /** The table as what an adapter goes on: from one of its rows' ids to the vector. */
  Linear asLookup() {
    return lookup;
  }

  /**
   * Puts other vectors in, which may be more or fewer.
   *
   * @param values [rows, width]
   * @throws InputFault if they have another width
   */
  void replace(Tensor values) {
    if (values.dim() == 2 && values.size(1) == width()) {
      if (values.size(0) == count()) {
        values().copyFrom(values);
      } else {
        Weight before = weight;
        try (Scope scope = new Scope()) {
          Tensor there = values.to(before.device()).to(before.computeType());
          weight = new DenseWeight(there.copy());
        }
        before.close();
      }
    } else {
      ReplacedWeight.copy(tensorName(), values(), values); // says what does not fit
    }
  }

  /**
   * Puts other vectors of some ids in; beyond the last the table grows.
   *
   * @param values [ids, width]
   */
  void replaceRows(int[] ids, Tensor values) {
    try (Scope scope = new Scope()) {
      long end = Math.max(count(), Arrays.stream(ids).max().orElse(-1) + 1L);
      if (end > count()) {
        Tensor larger = values().newZeros(weight.computeType(), end, width());
        larger.narrow(0, 0, count()).copyFrom(values());
        replace(larger);
      }
      Tensor there = values.to(weight.device()).to(weight.computeType());
      values().indexCopyInPlace(0, there.newInts(ids), there);
    }
  }

  /**
   * The vectors of {@code ids}.
   *
   * @return [tokens, hidden], owned by the caller's scope
   * @throws InputFault if an id is outside the vocabulary
   */
  Variable forward(Pass pass, int[] ids) {
    Weight table = projection();
    for (int id : ids) {
      if (id < 0 || id >= count()) {
        throw new InputFault("token id " + id + " is outside the model's vocabulary of " + count());
      }
    }
    boolean trains = parameter != null || rows != null || pass.adapters().trains(lookup);
    boolean record = pass.tape().isOn() && trains;
    try (Scope scope = new Scope()) {
      Tensor y = scope.keep(table.lookUp(ids));
      Tensor index = y.newInts(ids);
      Adapter.Gradient way = pass.adapters().forward(pass, lookup, index, y, record);
      if (factor != 1) {
        y.mulInPlace(factor);
      }
      Variable output = new Variable(y, record);
      if (record) {
        Tensor saved = index.detachFromScope();
        pass.tape()
            .record(
                output,
                dy -> backward(ids, saved, dy, way),
                () -> {
                  saved.close();
                  if (way != null) {
                    way.close();
                  }
                });
      }
      return output;
    }
  }

  private void backward(int[] ids, Tensor index, Tensor dy, Adapter.Gradient way) {
    Tensor scaled = factor == 1 ? dy : dy.mul(factor);
    Tensor base = scaled;
    if (way != null) {
      if (way.scalesBase()) {
        base = scaled.copy();
        way.toBaseGradient(base);
      }
      way.backward(scaled, base, null);
    }
    if (rows != null) {
      rows.accumulateLookup(ids, padToken, base);
    }
    if (parameter != null) {
      Tensor g = dy.newZeros(DType.FLOAT32, count(), width());
      g.indexAddInPlace(0, index, base.to(DType.FLOAT32));
      if (padToken >= 0 && padToken < g.size(0)) {
        g.narrow(0, padToken, 1).fillInPlace(0);
      }
      parameter.accumulate(g);
    }
  }

  @Override
  public void close() {
    freeze();
    weight.close();
  }

  private long width() {
    return weight.inFeatures();
  }

  private final class AsLookup implements LinearOwner {
    @Override
    public Tensor rows(long from, long count) {
      try (Scope scope = new Scope()) {
        return scope.keep(numbers().t().narrow(0, from, count));
      }
    }

    @Override
    public Tensor trainable(long from, long count) {
      try (Scope scope = new Scope()) {
        return scope.keep(values().t().narrow(0, from, count));
      }
    }

    @Override
    public Tensor product(Tensor x, long from, long count) {
      return weight.transposedProduct(x); // W is the table turned round
    }

    @Override
    public DType computeType() {
      return weight.computeType();
    }

    @Override
    public Device device() {
      return weight.device();
    }

    @Override
    public Tensor bias() {
      return null;
    }

    @Override
    public long inFeatures() {
      return count();
    }

    @Override
    public long outFeatures() {
      return width();
    }

    @Override
    public Linear first(Linear one) {
      return one;
    }

    @Override
    public boolean isLookup() {
      return true;
    }

    @Override
    public int untrainedToken() {
      return padToken;
    }
  }
}
