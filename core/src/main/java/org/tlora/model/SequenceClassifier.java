package org.tlora.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Recomputed;
import org.tlora.autograd.Variable;
import org.tlora.data.format.Labels;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.WeightStore;

/**
 * An encoder with a head that says a class or a number of each row. The head is always trained as a
 * whole; the encoder's own dropout is not applied.
 */
public final class SequenceClassifier implements Model {
  private final EncoderConfig config;
  private final Labels labels;
  private final DType type;
  private final WeightStore store;
  private final EncoderEmbeddings embeddings;
  private final RelativeEmbedding relative; // or null
  private final List<EncoderLayer> layers = new ArrayList<>();
  private final ClassificationHead head;
  private final Set<String> overwritten = new TreeSet<>();
  private long headSeed;
  private boolean recompute;

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
    this.store = store;
    embeddings = new EncoderEmbeddings(store, config, type);
    relative =
        config.positions() instanceof EncoderConfig.Relative r
            ? new RelativeEmbedding(store, config, r, type)
            : null;
    for (int i = 0; i < config.layers(); i++) {
      layers.add(new EncoderLayer(store, config, i, relative, type));
    }
    head = new ClassificationHead(store, config, labels.outputs(), labels.isRegression());
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
  public void setRecompute(boolean recompute) {
    this.recompute = recompute;
  }

  @Override
  public List<Linear> linears() {
    List<Linear> all = new ArrayList<>();
    layers.forEach(l -> all.addAll(l.linears()));
    return all;
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
    layers.forEach(l -> all.addAll(l.unfreeze()));
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
    layers.forEach(l -> l.addTo(all));
    head.addTo(all);
    return all;
  }

  /** Those of the head, those that were overwritten, and all while they train. */
  @Override
  public Map<String, Tensor> changedWeights() {
    Map<String, Tensor> all = weights();
    if (!embeddings.trains()) {
      Map<String, Tensor> ofHead = new LinkedHashMap<>();
      head.addTo(ofHead);
      all.keySet().removeIf(n -> !overwritten.contains(n) && !ofHead.containsKey(n));
    }
    return all;
  }

  @Override
  public void overwrite(String name, Tensor value) {
    try (Scope scope = new Scope()) {
      Tensor weight = weights().get(name);
      ReplacedWeight.copy(name, weight, value);
      overwritten.add(name);
    }
  }

  @Override
  public void restore() {
    linears().forEach(l -> l.attach(null));
    try (Scope scope = new Scope()) {
      for (Map.Entry<String, Tensor> e : changedWeights().entrySet()) {
        if (!head.missing().contains(e.getKey())) {
          try (Tensor original = store.load(e.getKey(), e.getValue().dtype())) {
            e.getValue().copyFrom(original);
          }
        }
      }
    }
    head.start(headSeed);
    overwritten.clear();
    embeddings.freeze();
    if (relative != null) {
      relative.freeze();
    }
    layers.forEach(EncoderLayer::freeze);
    head.freeze();
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
      for (EncoderLayer layer : layers) {
        Variable before = x;
        x = run(layer, pass, x);
        // what the way back needs of it, the tape has kept
        before.value().close();
        if (!pass.tape().isOn() && pass.observer() != null && pass.observer().hasSeenAll()) {
          break;
        }
      }
      scope.keep(x.value());
      return x;
    }
  }

  private Variable run(EncoderLayer layer, Pass pass, Variable x) {
    if (!recompute || !pass.tape().isOn()) {
      return layer.forward(pass, x);
    }
    boolean observed = pass.observer() != null && pass.observer().wantsGradients(layer.linears());
    return Recomputed.run(
        pass.tape(), x, layer.trains() || observed, (tape, v) -> layer.forward(pass.on(tape), v));
  }

  @Override
  public void observe(Pass pass, Batch batch) {
    try (Scope scope = new Scope()) {
      hidden(pass, batch);
    }
  }

  /** Σ cross entropy or squared error / divisor over rows. */
  @Override
  public Variable loss(Pass pass, Variable hidden, Batch batch, double divisor) {
    return head.loss(pass, hidden, batch.targets(), batch.labels(), divisor);
  }

  /**
   * Scores of classes, or the number, of every row of a batch.
   *
   * @return [rows, outputs] float32, owned by the caller's scope
   */
  public Tensor logits(Batch batch) {
    try (Scope scope = new Scope()) {
      Variable hidden = hidden(Pass.inference(Layout.of(batch.lengths())), batch);
      Tensor first = hidden.value().indexSelect(0, Tensor.ofInts(batch.targets()));
      return scope.keep(head.logits(first));
    }
  }

  @Override
  public void close() {
    embeddings.close();
    if (relative != null) {
      relative.close();
    }
    layers.forEach(EncoderLayer::close);
    head.close();
  }
}
