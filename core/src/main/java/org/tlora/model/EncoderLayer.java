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

/** One encoder layer: attention, then the feed-forward network, each with a norm on the sum. */
final class EncoderLayer implements Layer {
  private final EncoderAttention attention;
  private final LinearGroup attentionOutput;
  private final LayerNorm attentionNorm;
  private final LinearGroup intermediate;
  private final LinearGroup output;
  private final LayerNorm outputNorm;
  private final Activation activation;

  /**
   * Loads a layer.
   *
   * @param relative null where tokens know their place by themselves
   */
  EncoderLayer(
      WeightStore store, EncoderConfig c, int index, RelativeEmbedding relative, DType type) {
    EncoderConfig.Names n = c.names();
    String layer = n.prefix() + n.layers() + "." + index + ".";
    long hidden = c.hiddenSize();
    long inner = c.intermediateSize();
    attention =
        relative == null
            ? new PlainAttention(store, c, layer, type)
            : new DisentangledAttention(store, c, layer, relative, type);
    attentionOutput = linear(store, layer + n.attentionOutput(), hidden, hidden, type);
    attentionNorm = LayerNorm.load(store, layer + n.attentionNorm(), hidden, c.normEpsilon());
    intermediate = linear(store, layer + n.intermediate(), hidden, inner, type);
    output = linear(store, layer + n.output(), inner, hidden, type);
    outputNorm = LayerNorm.load(store, layer + n.outputNorm(), hidden, c.normEpsilon());
    activation = c.activation();
  }

  private static LinearGroup linear(WeightStore store, String name, long in, long out, DType type) {
    return LinearGroup.load(store, List.of(name), List.of(out), in, true, type);
  }

  @Override
  public List<Linear> linears() {
    List<Linear> all = new ArrayList<>(attention.linears());
    for (LinearGroup g : List.of(attentionOutput, intermediate, output)) {
      all.addAll(g.linears());
    }
    return all;
  }

  @Override
  public List<Parameter> unfreeze() {
    List<Parameter> parameters = new ArrayList<>();
    for (Linear l : linears()) {
      l.unfreeze();
      parameters.add(l.weightParameter());
      parameters.add(l.biasParameter());
    }
    parameters.addAll(attentionNorm.unfreeze());
    parameters.addAll(outputNorm.unfreeze());
    return parameters;
  }

  void freeze() {
    linears().forEach(Linear::freeze);
    attentionNorm.freeze();
    outputNorm.freeze();
  }

  @Override
  public boolean trains(Pass pass) {
    return outputNorm.trains() || linears().stream().anyMatch(pass.adapters()::trains);
  }

  void addTo(Map<String, Tensor> all) {
    for (Linear l : linears()) {
      all.put(l.name() + ".weight", l.denseWeight());
      all.put(l.name() + ".bias", l.bias());
    }
    attentionNorm.addTo(all);
    outputNorm.addTo(all);
  }

  /**
   * The stream after this layer.
   *
   * @param x [tokens, hidden]
   * @return [tokens, hidden], owned by the caller's scope
   */
  Variable forward(Pass pass, Variable x) {
    try (Scope scope = new Scope()) {
      Variable attended = attentionOutput.forward(pass, attention.forward(pass, x));
      Variable middle = attentionNorm.forward(pass, Residual.add(pass, x, attended, 1));
      Variable inner = ActivationStep.forward(pass, intermediate.forward(pass, middle), activation);
      Variable added = Residual.add(pass, middle, output.forward(pass, inner), 1);
      Variable y = outputNorm.forward(pass, added);
      scope.keep(y.value());
      return y;
    }
  }

  @Override
  public void close() {
    attention.close();
    attentionOutput.close();
    attentionNorm.close();
    intermediate.close();
    output.close();
    outputNorm.close();
  }
}
