/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Variable;
import org.tlora.data.Labels;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;
import org.tlora.fault.InputFault;

/**
 * An encoder with a head that says a class or a number of each row. The head is always trained as a
 * whole; the encoder's own dropout is not applied.
 */
public final class SequenceClassifier implements Model {
  private final EncoderConfig config;
  private final Labels labels;
  private final DType type;
  private final Device device;
  private final ReadWeights read;
  private final EncoderEmbeddings embeddings;
  private final RelativeEmbedding relative; // or null
  private final LayerStack<EncoderLayer> layers;
  private final ClassificationHead head;
  private long headSeed;

  /**
   * Loads a model's weights; those of the head that are not there in the right shape start from the
   * seed 0 until {@link #startHead}.
   *
   * @param store tensors under the names that the architecture has with a head
   * @param labels what rows are labelled with
   * @param type what matrix products compute in
   */
  public SequenceClassifier(EncoderConfig config, Labels labels, WeightStore store, DType type) {
    this.config = config;
    this.labels = labels;
    this.type = type;
    this.device = store.device();
    read = new ReadWeights(store);
    embeddings = new EncoderEmbeddings(store, config, type);
    relative =
        config.positions() instanceof EncoderConfig.Relative r
            ? new RelativeEmbedding(store, config, r, type)
            : null;
    layers =
        LayerStack.load(config.layers(), i -> new EncoderLayer(store, config, i, relative, type));
    head = new ClassificationHead(store, config, labels.outputs());
    head.start(headSeed);
  }

  /** Sizes and differences. */
  public EncoderConfig config() {
    return config;
  }

  /** What rows are labelled with. */
  public Labels labels() {
    return labels;
  }

  /** Weights of the head that the checkpoint does not have. */
  public List<String> newWeights() {
    return List.copyOf(head.missing());
  }

  @Override
  public DType computeType() {
    return type;
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public List<Linear> linears() {
    return layers.linears();
  }

  @Override
  public long parameterCount() {
    try (Scope scope = new Scope()) {
      return weights().values().stream().mapToLong(Tensor::size).sum();
    }
  }

  @Override
  public long weightBytes() {
    try (Scope scope = new Scope()) {
      Map<String, Tensor> others = weights();
      long ofLinears = 0;
      for (Linear l : linears()) {
        others.remove(l.name() + ".weight");
        others.remove(l.name() + ".bias");
        ofLinears += l.bytes();
      }
      return ofLinears
          + others.values().stream().mapToLong(t -> t.size() * t.dtype().bytes()).sum();
    }
  }

  @Override
  public List<Parameter> unfreeze() {
    if (type != DType.FLOAT32) {
      throw new IllegalStateException("weights train in float32, not " + type);
    }
    List<Parameter> all = new ArrayList<>(embeddings.unfreeze());
    if (relative != null) {
      all.addAll(relative.unfreeze());
    }
    all.addAll(layers.unfreeze());
    all.addAll(head.unfreeze());
    return all;
  }

  @Override
  public List<Parameter> unfreezeHead() {
    return head.unfreeze();
  }

  @Override
  public void startHead(long seed) {
    headSeed = seed;
    head.start(seed);
  }

  @Override
  public Map<String, Tensor> weights() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    embeddings.addTo(all);
    if (relative != null) {
      relative.addTo(all);
    }
    layers.layers().forEach(l -> l.addTo(all));
    head.addTo(all);
    return all;
  }

  @Override
  public List<String> weightNames() {
    try (Scope scope = new Scope()) {
      return List.copyOf(weights().keySet());
    }
  }

  @Override
  public Tensor weight(String name) {
    try (Scope scope = new Scope()) {
      return scope.keep(weights().get(name));
    }
  }

  /** Those of the head, those that were overwritten, and all while they train. */
  @Override
  public Map<String, Tensor> changedWeights() {
    Map<String, Tensor> all = weights();
    if (!embeddings.trains()) {
      Map<String, Tensor> ofHead = new LinkedHashMap<>();
      head.addTo(ofHead);
      all.keySet().removeIf(n -> !read.overwritten().contains(n) && !ofHead.containsKey(n));
    }
    return all;
  }

  @Override
  public void overwrite(String name, Tensor value) {
    try (Scope scope = new Scope()) {
      linears().forEach(l -> l.holdAsNumbers(name));
      read.overwrite(name, weights().get(name), value);
    }
  }

  @Override
  public void restore() {
    try (Scope scope = new Scope()) {
      Map<String, Tensor> changed = changedWeights();
      head.missing().forEach(changed::remove);
      read.restore(changed);
    }
    head.start(headSeed);
    embeddings.freeze();
    if (relative != null) {
      relative.freeze();
    }
    layers.layers().forEach(EncoderLayer::freeze);
    head.freeze();
  }

  @Override
  public boolean keepsRowsApart() {
    return relative == null; // else rows share the vectors of distances
  }

  @Override
  public Variable hidden(Pass pass, Batch batch) {
    for (int length : batch.lengths()) {
      if (length > config.mostTokens()) {
        throw new InputFault(
            "a row has " + length + " tokens, the model knows " + config.mostTokens());
      }
    }
    try (Scope scope = new Scope()) {
      Variable x = embeddings.forward(pass, batch);
      Variable y = layers.forward(pass, x, EncoderLayer::forward);
      scope.keep(y.value());
      return y;
    }
  }

  @Override
  public Tensor scores(Pass pass, Variable hidden, int[] at) {
    return head.scores(hidden.value(), at);
  }

  @Override
  public Variable negativeLogLikelihood(
      Pass pass, Variable hidden, int[] at, int[] classes, float[] weights, double divisor) {
    return head.end(
        pass, hidden, at, scores -> ScoreLosses.crossEntropy(scores, classes, weights), divisor);
  }

  @Override
  public Variable squaredError(
      Pass pass, Variable hidden, int[] at, double[] values, double divisor) {
    return head.end(pass, hidden, at, scores -> ScoreLosses.squares(scores, values), divisor);
  }

  /**
   * Scores of classes, or the number, of every row of a batch.
   *
   * @return [rows, outputs] float32, owned by the caller's scope
   */
  public Tensor logits(Batch batch, Adaptation adapters) {
    try (Scope scope = new Scope()) {
      Pass pass = Pass.inference(Layout.of(batch.lengths()), adapters);
      return scope.keep(scores(pass, hidden(pass, batch), batch.targets()));
    }
  }

  /**
   * A vector of each row: the last layer's at its first token, or their mean over all its tokens.
   *
   * @param first whether the first token's is taken
   * @return [rows][hidden]
   */
  public float[][] vectors(Batch batch, Adaptation adapters, boolean first) {
    int[] lengths = batch.lengths();
    int width = Math.toIntExact(config.hiddenSize());
    try (Scope scope = new Scope()) {
      Pass pass = Pass.inference(Layout.of(lengths), adapters);
      float[] all = hidden(pass, batch).value().to(DType.FLOAT32).toFloats();
      float[][] vectors = new float[lengths.length][width];
      int token = 0;
      for (int row = 0; row < lengths.length; row++) {
        int count = first ? 1 : lengths[row];
        for (int j = 0; j < width; j++) {
          double sum = 0;
          for (int i = 0; i < count; i++) {
            sum += all[(token + i) * width + j];
          }
          vectors[row][j] = (float) (sum / count);
        }
        token += lengths[row];
      }
      return vectors;
    }
  }

  @Override
  public void close() {
    embeddings.close();
    if (relative != null) {
      relative.close();
    }
    layers.close();
    head.close();
  }
}
