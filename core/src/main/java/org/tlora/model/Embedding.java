package org.tlora.model;

import org.tlora.autograd.Parameter;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.WeightStore;

/** The table of token vectors, [vocabulary, hidden]. */
final class Embedding implements AutoCloseable {
  private final String name;
  private final Tensor weight;
  private final int padToken;
  private final double factor;
  private Parameter parameter;

  private Embedding(String name, Tensor weight, int padToken, double factor) {
    this.name = name;
    this.padToken = padToken;
    this.weight = weight.detachFromScope();
    this.factor = factor;
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
  }

  Parameter parameter() {
    return parameter;
  }

  String tensorName() {
    return name + ".weight";
  }

  Tensor weight() {
    return weight;
  }

  /**
   * The vectors of {@code ids}.
   *
   * @return [tokens, hidden], owned by the caller's scope
   * @throws InputFault if an id is outside the vocabulary
   */
  Variable forward(Pass pass, int[] ids) {
    for (int id : ids) {
      if (id < 0 || id >= weight.size(0)) {
        throw new InputFault(
            "token id " + id + " is outside the model's vocabulary of " + weight.size(0));
      }
    }
    try (Scope scope = new Scope()) {
      Tensor index = Tensor.ofInts(ids);
      Tensor y = scope.keep(weight.indexSelect(0, index));
      if (factor != 1) {
        y.mulInPlace(factor);
      }
      boolean record = pass.tape().isOn() && parameter != null;
      Variable output = new Variable(y, record);
      if (record) {
        Tensor saved = index.detachFromScope();
        pass.tape().record(output, dy -> backward(saved, dy), saved);
      }
      return output;
    }
  }

  private void backward(Tensor ids, Tensor dy) {
    Tensor g = Tensor.zeros(DType.FLOAT32, weight.shape());
    g.indexAddInPlace(0, ids, dy.to(DType.FLOAT32));
    if (factor != 1) {
      g.mulInPlace(factor);
    }
    if (padToken >= 0) {
      g.narrow(0, padToken, 1).fillInPlace(0);
    }
    parameter.accumulate(g);
  }

  @Override
  public void close() {
    weight.close();
  }
}
