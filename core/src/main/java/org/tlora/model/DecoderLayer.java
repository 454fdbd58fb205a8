package org.tlora.model;

import java.util.ArrayList;
import java.util.List;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.format.WeightStore;

/** One pre-norm decoder layer: attention, then the gated feed-forward network. */
final class DecoderLayer implements AutoCloseable {
  private final RmsNorm attentionNorm;
  private final LinearGroup qkv;
  private final SelfAttention attention;
  private final LinearGroup output;
  private final RmsNorm feedForwardNorm;
  private final LinearGroup gateUp;
  private final LinearGroup down;

  DecoderLayer(WeightStore store, DecoderConfig c, int index, DType type) {
    String layer = "model.layers." + index + ".";
    long hidden = c.hiddenSize();
    long queries = (long) c.heads() * c.headDim();
    long keys = (long) c.keyValueHeads() * c.headDim();
    long inner = c.intermediateSize();
    String attn = layer + "self_attn.";
    String mlp = layer + "mlp.";
    attentionNorm = RmsNorm.load(store, layer + "input_layernorm", hidden, c.normEpsilon());
    qkv =
        LinearGroup.load(
            store,
            List.of(attn + "q_proj", attn + "k_proj", attn + "v_proj"),
            List.of(queries, keys, keys),
            hidden,
            c.qkvBias(),
            type);
    attention = new SelfAttention(index, c);
    output =
        LinearGroup.load(
            store, List.of(attn + "o_proj"), List.of(hidden), queries, c.outputBias(), type);
    feedForwardNorm =
        RmsNorm.load(store, layer + "post_attention_layernorm", hidden, c.normEpsilon());
    gateUp =
        LinearGroup.load(
            store,
            List.of(mlp + "gate_proj", mlp + "up_proj"),
            List.of(inner, inner),
            hidden,
            c.mlpBias(),
            type);
    down =
        LinearGroup.load(
            store, List.of(mlp + "down_proj"), List.of(hidden), inner, c.mlpBias(), type);
  }

  /** The layer's linears in the order of the published module list. */
  List<Linear> linears() {
    List<Linear> all = new ArrayList<>();
    for (LinearGroup g : List.of(qkv, output, gateUp, down)) {
      all.addAll(g.linears());
    }
    return all;
  }

  List<RmsNorm> norms() {
    return List.of(attentionNorm, feedForwardNorm);
  }

  List<Parameter> unfreeze() {
    List<Parameter> parameters = new ArrayList<>();
    for (Linear l : linears()) {
      l.unfreeze();
      parameters.add(l.weightParameter());
      if (l.biasParameter() != null) {
        parameters.add(l.biasParameter());
      }
    }
    for (RmsNorm n : norms()) {
      n.unfreeze();
      parameters.add(n.parameter());
    }
    return parameters;
  }

  /** Whether anything in this layer trains. */
  boolean trains() {
    return attentionNorm.parameter() != null
        || linears().stream()
            .anyMatch(l -> l.adapter() != null && !l.adapter().parameters().isEmpty());
  }

  /**
   * The residual stream after this layer.
   *
   * @param x [tokens, hidden]
   * @return [tokens, hidden], owned by the caller's scope
   */
  Variable forward(Pass pass, Variable x, RotaryEmbedding.Angles angles) {
    try (Scope scope = new Scope()) {
      Variable middle = attend(pass, x, angles);
      Variable end = feedForward(pass, middle);
      scope.keep(end.value());
      return end;
    }
  }

  private Variable attend(Pass pass, Variable x, RotaryEmbedding.Angles angles) {
    try (Scope scope = new Scope()) {
      Variable heads =
          attention.forward(pass, qkv.forward(pass, attentionNorm.forward(pass, x)), angles);
      Variable sum = Residual.add(pass, x, output.forward(pass, heads));
      scope.keep(sum.value());
      return sum;
    }
  }

  private Variable feedForward(Pass pass, Variable x) {
    try (Scope scope = new Scope()) {
      Variable inner = SwiGlu.forward(pass, gateUp.forward(pass, feedForwardNorm.forward(pass, x)));
      Variable sum = Residual.add(pass, x, down.forward(pass, inner));
      scope.keep(sum.value());
      return sum;
    }
  }

  @Override
  public void close() {
    attentionNorm.close();
    qkv.close();
    output.close();
    feedForwardNorm.close();
    gateUp.close();
    down.close();
  }
}
