/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;
import org.tlora.model.weight.Weight;

/** A decoder with its token embedding and output layer. Weights are frozen unless unfrozen. */
public final class CausalLm implements Model {
  private final DecoderConfig config;
  private final DType type;
  private final Device device;
  private final VocabularyTables tables;
  private final ReadWeights read; // but tables
  private final LayerStack<DecoderLayer> layers;
  private final RmsNorm norm;
  private final List<RotaryEmbedding> ropes;
  private final OutputLayer output;
  private boolean trainsAll;

  /**
   * Loads a model's weights.
   *
   * @param store tensors under Hugging Face's names, on the device that the model is to be on;
   *     {@link #restore} reads them again
   * @param type what matrix products compute in
   */
  public CausalLm(DecoderConfig config, WeightStore store, DType type) {
    this.config = config;
    this.type = type;
    this.device = store.device();
    read = new ReadWeights(store);
    tables = new VocabularyTables(store, config, type);
    layers = LayerStack.load(config.layers(), i -> new DecoderLayer(store, config, i, type));
    norm = RmsNorm.load(store, "model.norm", config.hiddenSize(), config.norm());
    ropes = config.ropes().stream().map(r -> new RotaryEmbedding(r, device)).toList();
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
  public Device device() {
    return device;
  }

  @Override
  public List<Linear> linears() {
    return layers.linears();
  }

  /**
   * Holds the weights of its layers and of its output layer in another form from here on;
   * embeddings and norms stay as they are. It can be run, and adapters on it trained; written and
   * restored it cannot be.
   *
   * @param form one of {@link org.tlora.model.weight.WeightForms}
   * @param merged adapters that become part of the weights first; they are only read
   */
  public void convert(BiFunction<Tensor, DType, Weight> form, AdapterSet merged) {
    groups().forEach(g -> g.convert(form, merged));
    tables.convertHead(form, merged);
  }

  /** Whether the weights are held as they were loaded. */
  public boolean isDense() {
    return tables.isHeadDense() && groups().allMatch(LinearGroup::isDense);
  }

  private Stream<LinearGroup> groups() {
    return layers.layers().stream().flatMap(l -> l.groups().stream());
  }

  @Override
  public List<Linear> tables() {
    return tables.linears();
  }

  @Override
  public long parameterCount() {
    long ofLayers =
        groups().mapToLong(g -> g.outFeatures() * g.inFeatures() + size(g.bias())).sum();
    long ofNorms = norms().stream().mapToLong(n -> n.weight().size()).sum();
    long tokens = (long) tables.size() * config.hiddenSize();
    return ofLayers + ofNorms + (tables.areTied() ? tokens : tokens + tables.head().size());
  }

  private static long size(Tensor t) {
    return t == null ? 0 : t.size();
  }

  @Override
  public long weightBytes() {
    long ofNorms = norms().stream().mapToLong(n -> 4 * n.weight().size()).sum();
    return groups().mapToLong(LinearGroup::bytes).sum() + ofNorms + tables.bytes();
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
    layers.layers().forEach(l -> all.addAll(l.norms()));
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
    all.addAll(layers.unfreeze());
    norm.unfreeze();
    all.add(norm.parameter());
    if (!tables.areTied()) {
      all.addAll(tables.unfreeze(false, true));
    }
    trainsAll = true;
    return all;
  }

  @Override
  public List<String> weightNames() {
    return List.copyOf(sources().keySet());
  }

  @Override
  public Tensor weight(String name) {
    return sources().get(name).get();
  }

  /** Where each weight is found; nothing is made before it is asked for. */
  private Map<String, Supplier<Tensor>> sources() {
    Map<String, Supplier<Tensor>> all = new LinkedHashMap<>();
    all.put(tables.embedding().tensorName(), () -> tables.embedding().numbers());
    for (DecoderLayer layer : layers.layers()) {
      for (Linear l : layer.linears()) {
        all.put(l.name() + ".weight", l::denseWeight);
        if (l.hasBias()) {
          all.put(l.name() + ".bias", l::bias);
        }
      }
      layer.norms().forEach(n -> all.put(n.tensorName(), () -> n.weight().alias()));
    }
    all.put(norm.tensorName(), () -> norm.weight().alias());
    if (!tables.areTied()) {
      all.put(tables.head().tensorName(), () -> tables.head().numbers());
    }
    return all;
  }

  /**
   * The weights that may differ from what the model was loaded from, under their names: those that
   * were overwritten, and all while they train.
   */
  @Override
  public Map<String, Tensor> changedWeights() {
    Map<String, Supplier<Tensor>> all = sources();
    if (!trainsAll) {
      Set<String> changed = new TreeSet<>(read.overwritten());
      changed.addAll(tables.changed());
      norms().stream().filter(n -> n.parameter() != null).forEach(n -> changed.add(n.tensorName()));
      all.keySet().retainAll(changed);
    }
    Map<String, Tensor> values = new LinkedHashMap<>();
    all.forEach((name, source) -> values.put(name, source.get()));
    return values;
  }

  @Override
  public void overwrite(String name, Tensor value) {
    if (tables.has(name)) {
      tables.overwrite(name, value);
      return;
    }
    linears().forEach(l -> l.holdAsNumbers(name));
    try (Scope scope = new Scope()) {
      read.overwrite(name, weight(name), value);
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
    try (Scope scope = new Scope()) {
      Map<String, Tensor> changed = changedWeights();
      changed.keySet().removeIf(tables::has);
      read.restore(changed);
    }
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

  @Override
  public boolean keepsRowsApart() {
    return true;
  }

  /** The normalised last hidden states. */
  @Override
  public Variable hidden(Pass pass, Batch batch) {
    return hidden(pass, batch.ids());
  }

  @Override
  public LayerInput observe(Pass pass, Batch batch, LayerInput from, Set<Linear> next) {
    try (Scope scope = new Scope()) {
      List<RotaryEmbedding.Angles> angles = angles(pass);
      Variable x =
          from == null
              ? tables.embedding().forward(pass, batch.ids())
              : Variable.constant(from.stream().alias());
      int first = from == null ? 0 : from.layer();
      return layers.look(pass, x, first, (layer, p, v) -> layer.forward(p, v, angles), next);
    }
  }

  private Variable throughLayers(Pass pass, int[] ids) {
    try (Scope scope = new Scope()) {
      List<RotaryEmbedding.Angles> angles = angles(pass);
      Variable x = tables.embedding().forward(pass, ids);
      // what runs again on the way back outlives these angles: they are cheap to look up again
      Variable y =
          layers.forward(
              pass, x, (layer, p, v) -> layer.forward(p, v, p.equals(pass) ? angles : angles(p)));
      scope.keep(y.value());
      return y;
    }
  }

  private List<RotaryEmbedding.Angles> angles(Pass pass) {
    return ropes.stream().map(r -> r.at(pass.layout())).toList();
  }

  @Override
  public Tensor scores(Pass pass, Variable hidden, int[] at) {
    return output.logits(pass, hidden.value(), at);
  }

  @Override
  public Variable negativeLogLikelihood(
      Pass pass, Variable hidden, int[] at, int[] tokens, float[] weights, double divisor) {
    return output.negativeLogLikelihood(pass, hidden, at, tokens, weights, divisor);
  }

  /**
   * log p(token) behind some hidden states, without a way back.
   *
   * @param hidden [tokens, hidden]
   * @param at positions in it
   * @param tokens the one at each
   * @return [places] float32, owned by the caller's scope
   */
  public Tensor logProbabilities(Pass pass, Tensor hidden, int[] at, int[] tokens) {
    return output.logProbabilities(pass, hidden, at, tokens);
  }

  @Override
  public void close() {
    layers.close();
    tables.close();
    norm.close();
    ropes.forEach(RotaryEmbedding::close);
  }
}
