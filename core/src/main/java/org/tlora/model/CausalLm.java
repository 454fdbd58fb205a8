package org.tlora.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Recomputed;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.format.WeightStore;

/** A decoder with its token embedding and output layer. Weights are frozen unless unfrozen. */
public final class CausalLm implements Model {
  private final DecoderConfig config;
  private final DType type;
  private final WeightStore store;
  private final VocabularyTables tables;
  private final Set<String> overwritten = new TreeSet<>(); // but tables
  private final List<DecoderLayer> layers = new ArrayList<>();
  private final RmsNorm norm;
  private final List<RotaryEmbedding> ropes;
  private final OutputLayer output;
  private boolean recompute;
  private boolean trainsAll;

  /**
   * Loads a model's weights.
   *
   * @param store tensors under Hugging Face's names; {@link #restore} reads them again
   * @param type what matrix products compute in
   */
  public CausalLm(DecoderConfig config, WeightStore store, DType type) {
    this.config = config;
    this.type = type;
    this.store = store;
    tables = new VocabularyTables(store, config, type);
    for (int i = 0; i < config.layers(); i++) {
      layers.add(new DecoderLayer(store, config, i, type));
    }
    norm = RmsNorm.load(store, "model.norm", config.hiddenSize(), config.norm());
    ropes = config.ropes().stream().map(RotaryEmbedding::new).toList();
    output = new OutputLayer(tables, config.scales());
  }

  /** Sizes and differences, as the files have them. */
  public DecoderConfig config() {
    return config;
  }

  /** Tokens that the model knows: those of its files, or more where its tables were replaced. */
  public int vocabularySize() {
    return tables.size();
  }

  /** Tokens that it knows without what an adapter brings. */
  public int baseVocabularySize() {
    return tables.baseSize();
  }

  /**
   * Gives tokens that its files do not have a vector, the mean of all before them; {@link #restore}
   * comes back to that.
   *
   * @param ids all of them, in a row, behind those that are used
   */
  public void addTokens(int[] ids) {
    tables.add(ids);
  }

  /** Whether the embedding is the output layer's weight too, now. */
  public boolean isTied() {
    return tables.areTied();
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

  /**
   * From here on computes with weights that are rounded to eight bits, those of adapters merged
   * into them; embeddings and norms stay as they are. It can only be run then: not trained, not
   * written, not restored.
   */
  public void roundToInt8() {
    layers.forEach(DecoderLayer::roundToInt8);
    tables.roundToInt8();
  }

  @Override
  public List<Linear> tables() {
    return tables.linears();
  }

  @Override
  public List<Parameter> unfreezeHead() {
    return List.of();
  }

  /**
   * Makes whole modules trainable beside adapters and returns their weights: norms and the tables
   * over the vocabulary, of which tied ones are one. The model must compute in float32.
   *
   * @param chosen whether a module trains, by its path
   */
  public List<Parameter> unfreezeModules(Predicate<String> chosen) {
    List<Linear> ofVocabulary = tables.linears();
    List<Parameter> all =
        new ArrayList<>(
            tables.unfreeze(
                chosen.test(ofVocabulary.get(0).name()), chosen.test(ofVocabulary.get(1).name())));
    for (RmsNorm n : norms()) {
      if (chosen.test(n.module())) {
        n.unfreeze();
        all.add(n.parameter());
      }
    }
    return all;
  }

  /** The paths of the modules that {@link #unfreezeModules} knows. */
  public List<String> wholeModules() {
    return Stream.concat(
            tables.linears().stream().map(Linear::name), norms().stream().map(RmsNorm::module))
        .toList();
  }

  private List<RmsNorm> norms() {
    List<RmsNorm> all = new ArrayList<>();
    layers.forEach(l -> all.addAll(l.norms()));
    all.add(norm);
    return all;
  }

  /**
   * Lets the vectors of some tokens train, in both tables, while the rest of the tables is frozen.
   *
   * @param ids without duplicates
   */
  public List<Parameter> unfreezeTokens(int[] ids) {
    return tables.unfreezeRows(ids);
  }

  /** The vectors of tokens that train by themselves, by the table's module. */
  public Map<String, TokenRows> tokenRows() {
    return tables.rows();
  }

  /** Whether {@link #tokenRows} are all that a table differs in from what it was loaded from. */
  public boolean differsInRowsAlone(String table) {
    return tables.differsInRowsAlone(table + ".weight");
  }

  @Override
  public void startHead(long seed) {}

  @Override
  public List<Parameter> unfreeze() {
    if (type != DType.FLOAT32) {
      throw new IllegalStateException("weights train in float32, not " + type);
    }
    List<Parameter> all = new ArrayList<>(tables.unfreeze(true, false));
    layers.forEach(l -> all.addAll(l.unfreeze()));
    norm.unfreeze();
    all.add(norm.parameter());
    if (!tables.areTied()) {
      all.addAll(tables.unfreeze(false, true));
    }
    trainsAll = true;
    return all;
  }

  @Override
  public Map<String, Tensor> weights() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    put(all, tables.embedding());
    for (DecoderLayer layer : layers) {
      for (Linear l : layer.linears()) {
        all.put(l.name() + ".weight", l.weight());
        if (l.bias() != null) {
          all.put(l.name() + ".bias", l.bias());
        }
      }
      layer.norms().forEach(n -> all.put(n.tensorName(), n.weight().alias()));
    }
    all.put(norm.tensorName(), norm.weight().alias());
    if (!tables.areTied()) {
      put(all, tables.head());
    }
    return all;
  }

  private static void put(Map<String, Tensor> all, Embedding table) {
    all.put(table.tensorName(), table.weight().alias());
  }

  /**
   * The weights that may differ from what the model was loaded from, under their names: those that
   * were overwritten, and all while they train.
   */
  @Override
  public Map<String, Tensor> changedWeights() {
    Map<String, Tensor> all = weights();
    if (!trainsAll) {
      Set<String> changed = new TreeSet<>(overwritten);
      changed.addAll(tables.changed());
      norms().stream().filter(n -> n.parameter() != null).forEach(n -> changed.add(n.tensorName()));
      all.keySet().retainAll(changed);
    }
    return all;
  }

  @Override
  public void overwrite(String name, Tensor value) {
    if (tables.has(name)) {
      tables.overwrite(name, value);
      return;
    }
    try (Scope scope = new Scope()) {
      ReplacedWeight.copy(name, weights().get(name), value);
      overwritten.add(name);
    }
  }

  /** Tied tables stay tied where there is a value for the embedding alone. */
  @Override
  public void overwriteAll(Map<String, Tensor> values) {
    boolean tied = tables.areTied() && !values.containsKey(TensorNames.HEAD);
    values.forEach(
        (name, value) -> {
          if (tied && tables.has(name)) {
            tables.overwriteTied(value);
          } else {
            overwrite(name, value);
          }
        });
  }

  /**
   * Replaces the vectors of some tokens until {@link #restore}; the table grows where they are
   * beyond it.
   *
   * @param table {@code model.embed_tokens} or {@code lm_head}, which are two from then on; null:
   *     the one that tied ones are
   * @param values [ids, hidden]
   */
  public void overwriteRows(String table, int[] ids, Tensor values) {
    tables.overwriteRows(table, ids, values);
  }

  @Override
  public void restore() {
    linears().forEach(l -> l.attach(null));
    try (Scope scope = new Scope()) {
      for (Map.Entry<String, Tensor> e : changedWeights().entrySet()) {
        if (!tables.has(e.getKey())) {
          try (Tensor original = store.load(e.getKey(), e.getValue().dtype())) {
            e.getValue().copyFrom(original);
          }
        }
      }
    }
    overwritten.clear();
    tables.restore();
    linears().forEach(Linear::freeze);
    norms().forEach(RmsNorm::freeze);
    trainsAll = false;
  }

  /**
   * The normalised last hidden states.
   *
   * @param ids [tokens], packed as the pass's layout says
   * @return [tokens, hidden], owned by the caller's scope
   */
  public Variable hidden(Pass pass, int[] ids) {
    try (Scope scope = new Scope()) {
      Variable x = throughLayers(pass, ids);
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

  /** The normalised last hidden states. */
  @Override
  public Variable hidden(Pass pass, Batch batch) {
    return hidden(pass, batch.ids());
  }

  @Override
  public void observe(Pass pass, Batch batch) {
    try (Scope scope = new Scope()) {
      throughLayers(pass, batch.ids());
    }
  }

  private Variable throughLayers(Pass pass, int[] ids) {
    try (Scope scope = new Scope()) {
      List<RotaryEmbedding.Angles> angles = angles(pass);
      Variable x = tables.embedding().forward(pass, ids);
      scope.keep(x.value());
      for (DecoderLayer layer : layers) {
        Variable before = x;
        x = run(layer, pass, x, angles);
        scope.keep(x.value());
        // what the way back needs of it, the tape has kept
        before.value().close();
        if (!pass.tape().isOn() && pass.observer() != null && pass.observer().hasSeenAll()) {
          break;
        }
      }
      return x;
    }
  }

  private List<RotaryEmbedding.Angles> angles(Pass pass) {
    return ropes.stream().map(r -> r.at(pass.layout())).toList();
  }

  private Variable run(
      DecoderLayer layer, Pass pass, Variable x, List<RotaryEmbedding.Angles> angles) {
    boolean observed = pass.observer() != null && pass.observer().wantsGradients(layer.linears());
    if (!recompute || !pass.tape().isOn()) {
      return layer.forward(pass, x, angles);
    }
    // the angles must outlive this pass for the second run: they are cheap to look up again
    return Recomputed.run(
        pass.tape(),
        x,
        layer.trains() || observed,
        (tape, v) -> layer.forward(pass.on(tape), v, angles(pass)));
  }

  /** Logits of hidden states, [rows, vocabulary] float32; owned by the caller's scope. */
  public Tensor logits(Tensor hidden) {
    return output.logits(hidden);
  }

  /** Σ cross entropy / divisor over the tokens that are learned. */
  @Override
  public Variable loss(Pass pass, Variable hidden, Batch batch, double divisor) {
    return output.loss(pass, hidden, batch.targets(), batch.classes(), divisor);
  }

  @Override
  public void close() {
    layers.forEach(DecoderLayer::close);
    tables.close();
    norm.close();
    ropes.forEach(RotaryEmbedding::close);
  }
}
