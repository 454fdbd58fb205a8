package org.tlora.model;

import java.util.ArrayList;
import java.util.List;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Recomputed;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.format.WeightStore;

/** A decoder with its token embedding and output layer. Weights are frozen unless unfrozen. */
public final class CausalLm implements AutoCloseable {
  private final DecoderConfig config;
  private final DType type;
  private final Embedding embedding;
  private final Embedding head;
  private final List<DecoderLayer> layers = new ArrayList<>();
  private final RmsNorm norm;
  private final RotaryEmbedding rope;
  private OutputLayer output;
  private boolean recompute;

  /**
   * Loads a model's weights.
   *
   * @param store tensors under Hugging Face's names
   * @param type what matrix products compute in
   */
  public CausalLm(DecoderConfig config, WeightStore store, DType type) {
    this.config = config;
    this.type = type;
    long vocabulary = config.vocabularySize();
    long hidden = config.hiddenSize();
    int pad = config.padToken();
    embedding = Embedding.load(store, "model.embed_tokens", vocabulary, hidden, type, pad);
    head =
        config.tiedEmbeddings()
            ? embedding
            : Embedding.load(store, "lm_head", vocabulary, hidden, type, -1);
    for (int i = 0; i < config.layers(); i++) {
      layers.add(new DecoderLayer(store, config, i, type));
    }
    norm = RmsNorm.load(store, "model.norm", hidden, config.normEpsilon());
    rope = new RotaryEmbedding(config.ropeScaling(), config.headDim(), config.ropeTheta());
    output = new OutputLayer(head.weight(), null);
  }

  /** Sizes and differences. */
  public DecoderConfig config() {
    return config;
  }

  /** What matrix products compute in. */
  public DType computeType() {
    return type;
  }

  /** Whether layers are run again on the way back instead of keeping what they computed. */
  public void setRecompute(boolean recompute) {
    this.recompute = recompute;
  }

  /** All linear layers of the decoder, in the order of the published module list. */
  public List<Linear> linears() {
    List<Linear> all = new ArrayList<>();
    layers.forEach(l -> all.addAll(l.linears()));
    return all;
  }

  /** Number of base parameters; tied embeddings count once. */
  public long parameterCount() {
    long n = embedding.weight().size();
    if (head != embedding) {
      n += head.weight().size();
    }
    for (Linear l : linears()) {
      n += l.outFeatures() * l.inFeatures();
    }
    long biases =
        (config.qkvBias() ? (config.heads() + 2L * config.keyValueHeads()) * config.headDim() : 0)
            + (config.outputBias() ? config.hiddenSize() : 0)
            + (config.mlpBias() ? 2L * config.intermediateSize() + config.hiddenSize() : 0);
    return n + config.layers() * (biases + 2L * config.hiddenSize()) + config.hiddenSize();
  }

  /**
   * Makes every weight trainable and returns them all, tied ones once. The model must compute in
   * float32.
   */
  public List<Parameter> unfreeze() {
    if (type != DType.FLOAT32) {
      throw new IllegalStateException("weights train in float32, not " + type);
    }
    List<Parameter> all = new ArrayList<>();
    embedding.unfreeze();
    all.add(embedding.parameter());
    layers.forEach(l -> all.addAll(l.unfreeze()));
    norm.unfreeze();
    all.add(norm.parameter());
    if (head != embedding) {
      head.unfreeze();
      all.add(head.parameter());
    }
    output = new OutputLayer(head.weight(), head.parameter());
    return all;
  }

  /**
   * The normalised last hidden states.
   *
   * @param ids [tokens], packed as the pass's layout says
   * @return [tokens, hidden], owned by the caller's scope
   */
  public Variable hidden(Pass pass, int[] ids) {
    try (Scope scope = new Scope()) {
      RotaryEmbedding.Angles angles = rope.at(pass.layout());
      Variable x = embedding.forward(pass, ids);
      scope.keep(x.value());
      for (DecoderLayer layer : layers) {
        Variable before = x;
        x = run(layer, pass, x, angles);
        scope.keep(x.value());
        // what the way back needs of it, the tape has kept
        before.value().close();
      }
      Variable result = norm.forward(pass, x);
      scope.keep(result.value());
      x.value().close();
      for (Layout.Segment s : pass.layout().segments()) {
        if (s.cache() != null) {
          s.cache().advance(s.length());
        }
      }
      return result;
    }
  }

  private Variable run(DecoderLayer layer, Pass pass, Variable x, RotaryEmbedding.Angles angles) {
    boolean observed = pass.observer() != null && pass.observer().wantsGradients();
    if (!recompute || !pass.tape().isOn()) {
      return layer.forward(pass, x, angles);
    }
    // the angles must outlive this pass for the second run: they are cheap to look up again
    return Recomputed.run(
        pass.tape(),
        x,
        layer.trains() || observed,
        (tape, v) -> layer.forward(pass.on(tape), v, rope.at(pass.layout())));
  }

  /** Logits of hidden states, [rows, vocabulary] float32; owned by the caller's scope. */
  public Tensor logits(Tensor hidden) {
    return output.logits(hidden);
  }

  /**
   * Σ cross entropy / divisor.
   *
   * @param hidden [tokens, hidden]
   * @param targets positions in {@code hidden} whose next token is learned
   * @param labels that token
   * @param divisor usually the number of supervised tokens of the whole optimizer step
   */
  public Variable loss(Pass pass, Variable hidden, int[] targets, int[] labels, double divisor) {
    return output.loss(pass, hidden, targets, labels, divisor);
  }

  @Override
  public void close() {
    layers.forEach(DecoderLayer::close);
    if (head != embedding) {
      head.close();
    }
    embedding.close();
    norm.close();
    rope.close();
  }
}
