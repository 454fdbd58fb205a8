/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.WeightStore;
import org.tlora.model.DecoderConfig.AttentionConfig;
import org.tlora.model.DecoderConfig.LayerAttention;
import org.tlora.model.DecoderConfig.NormPlacement;

/**
 * One decoder layer: attention, then the gated feed-forward network, each with a norm before it, on
 * what it adds, or both.
 */
final class DecoderLayer implements Layer {
  private final RmsNorm beforeAttention; // those that a family has not are null
  private final RmsNorm afterAttention;
  private final RmsNorm beforeFeedForward;
  private final RmsNorm afterFeedForward;
  private final QueryKeyNorm queryKeyNorm;
  private final LinearGroup qkv;
  private final SelfAttention attention;
  private final LinearGroup output;
  private final LinearGroup gateUp;
  private final LinearGroup down;
  private final Activation activation;
  private final double residualFactor;
  private final int rope;

  DecoderLayer(WeightStore store, DecoderConfig c, int index, DType type) {
    String layer = "model.layers." + index + ".";
    AttentionConfig a = c.attention();
    long hidden = c.hiddenSize();
    long inner = c.intermediateSize();
    long queries = (long) a.heads() * a.headDim();
    long keys = (long) a.keyValueHeads() * a.headDim();
    boolean before = c.norm().placement() != NormPlacement.AFTER;
    boolean around = c.norm().placement() == NormPlacement.AROUND;
    beforeAttention = before ? norm(store, layer + "input_layernorm", c) : null;
    afterAttention = !before || around ? norm(store, layer + "post_attention_layernorm", c) : null;
    String second = around ? "pre_feedforward_layernorm" : "post_attention_layernorm";
    beforeFeedForward = before ? norm(store, layer + second, c) : null;
    afterFeedForward =
        !before || around ? norm(store, layer + "post_feedforward_layernorm", c) : null;
    String attn = layer + "self_attn.";
    String mlp = layer + "mlp.";
    queryKeyNorm = QueryKeyNorm.load(store, attn, c);
    List<String> qkvNames =
        c.fused()
            ? List.of(attn + "qkv_proj")
            : List.of(attn + "q_proj", attn + "k_proj", attn + "v_proj");
    List<Long> qkvSizes = c.fused() ? List.of(queries + 2 * keys) : List.of(queries, keys, keys);
    qkv = LinearGroup.load(store, qkvNames, qkvSizes, hidden, a.qkvBias(), type);
    attention = new SelfAttention(index, a);
    output =
        LinearGroup.load(
            store, List.of(attn + "o_proj"), List.of(hidden), queries, a.outputBias(), type);
    List<String> gateUpNames =
        c.fused() ? List.of(mlp + "gate_up_proj") : List.of(mlp + "gate_proj", mlp + "up_proj");
    List<Long> gateUpSizes = c.fused() ? List.of(2 * inner) : List.of(inner, inner);
    gateUp = LinearGroup.load(store, gateUpNames, gateUpSizes, hidden, c.mlpBias(), type);
    down =
        LinearGroup.load(
            store, List.of(mlp + "down_proj"), List.of(hidden), inner, c.mlpBias(), type);
    activation = c.activation();
    residualFactor = c.scales().residual();
    rope = a.layers().get(index).rope();
  }

  private static RmsNorm norm(WeightStore store, String name, DecoderConfig c) {
    return RmsNorm.load(store, name, c.hiddenSize(), c.norm());
  }

  @Override
  public List<Linear> linears() {
    List<Linear> all = new ArrayList<>();
    groups().forEach(g -> all.addAll(g.linears()));
    return all;
  }

  List<LinearGroup> groups() {
    return List.of(qkv, output, gateUp, down);
  }

  List<RmsNorm> norms() {
    Stream<RmsNorm> own =
        Stream.of(beforeAttention, afterAttention, beforeFeedForward, afterFeedForward);
    Stream<RmsNorm> ofHeads = queryKeyNorm == null ? Stream.empty() : queryKeyNorm.norms().stream();
    return Stream.concat(own.filter(Objects::nonNull), ofHeads).toList();
  }

  @Override
  public List<Parameter> unfreeze() {
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

  @Override
  public boolean trains(Pass pass) {
    return norms().stream().anyMatch(n -> n.parameter() != null)
        || linears().stream().anyMatch(pass.adapters()::trains);
  }

  /**
   * The residual stream after this layer.
   *
   * @param x [tokens, hidden]
   * @param angles of each of the model's rotary embeddings
   * @return [tokens, hidden], owned by the caller's scope
   */
  Variable forward(Pass pass, Variable x, List<RotaryEmbedding.Angles> angles) {
    try (Scope scope = new Scope()) {
      Variable middle = attend(pass, x, rope == LayerAttention.NO_ROPE ? null : angles.get(rope));
      Variable end = feedForward(pass, middle);
      scope.keep(end.value());
      return end;
    }
  }

  private Variable attend(Pass pass, Variable x, RotaryEmbedding.Angles angles) {
    try (Scope scope = new Scope()) {
      Variable projected = qkv.forward(pass, normed(beforeAttention, pass, x));
      if (queryKeyNorm != null) {
        projected = queryKeyNorm.forward(pass, projected);
      }
      Variable heads = attention.forward(pass, projected, angles);
      return kept(scope, pass, x, normed(afterAttention, pass, output.forward(pass, heads)));
    }
  }

  private Variable feedForward(Pass pass, Variable x) {
    try (Scope scope = new Scope()) {
      Variable both = gateUp.forward(pass, normed(beforeFeedForward, pass, x));
      Variable inner = GatedActivation.forward(pass, both, activation);
      return kept(scope, pass, x, normed(afterFeedForward, pass, down.forward(pass, inner)));
    }
  }

  private Variable kept(Scope scope, Pass pass, Variable x, Variable branch) {
    Variable sum = Residual.add(pass, x, branch, residualFactor);
    scope.keep(sum.value());
    return sum;
  }

  private static Variable normed(RmsNorm norm, Pass pass, Variable x) {
    return norm == null ? x : norm.forward(pass, x);
  }

  @Override
  public void close() {
    norms().forEach(RmsNorm::close);
    groups().forEach(LinearGroup::close);
  }
}
