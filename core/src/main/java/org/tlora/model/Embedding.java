package org.tlora.model;

import java.util.Arrays;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.WeightStore;

/**
 * A table of vectors, [rows, width], most often of tokens: what ids are looked up in, or projected
 * onto.
 */
final class Embedding implements AutoCloseable {
  private final String name;
  private final int padToken;
  private final double factor;
  private final Linear lookup;
  private Tensor weight;
  private Parameter parameter;
  private TokenRows rows; // or null

  private Embedding(String name, Tensor weight, int padToken, double factor) {
    this.name = name;
    this.padToken = padToken;
    this.weight = weight.detachFromScope();
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
    return new Embedding(name, store.load(name + ".weight", type), padToken, 1);
  }

  private static Tensor table(WeightStore store, String name, DecoderConfig c, DType type) {
    LinearGroup.requireShape(store, name + ".weight", c.vocabularySize(), c.hiddenSize());
    return store.load(name + ".weight", type);
  }

  /** The same table again, under another name and in memory of its own. */
  Embedding separate(String newName) {
    return new Embedding(newName, weight.copy(), -1, 1);
  }

  void unfreeze() {
    parameter = new Parameter(name + ".weight", weight.alias());
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
    rows = new TokenRows(name, ids, weight);
    return rows;
  }

  /** The vectors that train by themselves, or null. */
  TokenRows rows() {
    return rows;
  }

  String tensorName() {
    return name + ".weight";
  }

  Tensor weight() {
    if (rows != null) {
      rows.copyInto(weight);
    }
    return weight;
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
    if (values.dim() == 2 && values.size(1) == weight.size(1)) {
      if (values.size(0) == weight.size(0)) {
        weight.copyFrom(values);
      } else {
        Tensor before = weight;
        weight = values.to(before.dtype()).copy().detachFromScope();
        before.close();
      }
    } else {
      ReplacedWeight.copy(tensorName(), weight, values); // says what does not fit
    }
  }

  /**
   * Puts other vectors of some ids in; beyond the last the table grows.
   *
   * @param values [ids, width]
   */
  void replaceRows(int[] ids, Tensor values) {
    try (Scope scope = new Scope()) {
      long end = Math.max(weight.size(0), Arrays.stream(ids).max().orElse(-1) + 1L);
      if (end > weight.size(0)) {
        Tensor larger = Tensor.zeros(weight.dtype(), end, weight.size(1));
        larger.narrow(0, 0, weight.size(0)).copyFrom(weight);
        replace(larger);
      }
      weight.indexCopyInPlace(0, Tensor.ofInts(ids), values.to(weight.dtype()));
    }
  }

  /**
   * The vectors of {@code ids}.
   *
   * @return [tokens, hidden], owned by the caller's scope
   * @throws InputFault if an id is outside the vocabulary
   */
  Variable forward(Pass pass, int[] ids) {
    Tensor table = weight();
    for (int id : ids) {
      if (id < 0 || id >= table.size(0)) {
        throw new InputFault(
            "token id " + id + " is outside the model's vocabulary of " + table.size(0));
      }
    }
    Adapter adapter = lookup.adapter();
    boolean trains = parameter != null || rows != null || lookup.adapterTrains();
    boolean record = pass.tape().isOn() && trains;
    try (Scope scope = new Scope()) {
      Tensor index = Tensor.ofInts(ids);
      Tensor y = scope.keep(table.indexSelect(0, index));
      Adapter.Gradient way =
          adapter == null ? null : adapter.forward(pass, lookup, index, y, record);
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
      Tensor g = Tensor.zeros(DType.FLOAT32, weight.shape());
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
    lookup.attach(null);
    weight.close();
  }

  private final class AsLookup implements LinearOwner {
    @Override
    public Tensor weight() {
      return Embedding.this.weight().t();
    }

    @Override
    public Tensor bias() {
      return null;
    }

    @Override
    public long inFeatures() {
      return weight.size(0);
    }

    @Override
    public long outFeatures() {
      return weight.size(1);
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
