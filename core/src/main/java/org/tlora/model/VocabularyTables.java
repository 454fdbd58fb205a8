/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.tlora.autograd.Parameter;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;
import org.tlora.model.weight.Weight;

/**
 * A decoder's two tables over its vocabulary, the token embedding and that of the output layer,
 * which are one where they are tied. Both can be replaced, also by larger ones, carry an adapter
 * each, and train as a whole or in some rows.
 */
final class VocabularyTables implements AutoCloseable {
  /** The module of the output layer. */
  private static final String HEAD = "lm_head";

  private final DecoderConfig config;
  private final WeightStore store;
  private final DType type;
  private final Embedding embedding;
  private final Linear headSlot;
  private final Set<String> overwritten = new TreeSet<>(); // as a whole
  private final Map<String, Set<Integer>> replacedRows = new HashMap<>(); // of others
  private Embedding head;
  private Weight converted; // the head in another form, or null: as it is
  private int[] added = {}; // tokens that the files do not have

  VocabularyTables(WeightStore store, DecoderConfig config, DType type) {
    this.config = config;
    this.store = store;
    this.type = type;
    embedding = Embedding.ofTokens(store, config, type);
    head = config.tiedEmbeddings() ? embedding : Embedding.ofOutput(store, HEAD, config, type);
    headSlot = new Linear(HEAD, new Projection());
  }

  Embedding embedding() {
    return embedding;
  }

  /** The output layer's table, which may be {@link #embedding}. */
  Embedding head() {
    return head;
  }

  /** Whether both are one now. */
  boolean areTied() {
    return head == embedding;
  }

  /** Tokens that have a vector. */
  int size() {
    return Math.toIntExact(embedding.asLookup().inFeatures());
  }

  /** The embedding and the output layer as what adapters go on. */
  List<Linear> linears() {
    return List.of(embedding.asLookup(), headSlot);
  }

  Linear headSlot() {
    return headSlot;
  }

  /** What hidden states are projected onto. */
  Weight projection() {
    return converted == null ? head.projection() : converted;
  }

  /**
   * Projects onto the output layer's table in another form, the adapter on it merged into it first;
   * the table stays as it is beside it.
   */
  void convertHead(BiFunction<Tensor, DType, Weight> form, AdapterSet merged) {
    if (converted != null) {
      converted.close();
    }
    try (Scope scope = new Scope()) {
      Tensor dense = head.numbers();
      if (merged.on(headSlot) != null) {
        dense = merged.on(headSlot).merged(dense.to(DType.FLOAT32));
      }
      converted = form.apply(dense, type);
    }
  }

  /** Whether the output layer's weight is held as it was loaded. */
  boolean isHeadDense() {
    return converted == null;
  }

  /** Bytes of both tables. */
  long bytes() {
    long own = embedding.bytes() + (areTied() ? 0 : head.bytes());
    return own + (converted == null ? 0 : converted.bytes());
  }

  boolean has(String name) {
    return name.equals(TensorNames.HEAD) || name.equals(embedding.tensorName());
  }

  /** Tables that may differ from the files', by name: one alone where they are tied. */
  Set<String> changed() {
    Set<String> names = new TreeSet<>(overwritten);
    names.addAll(replacedRows.keySet());
    for (Embedding table : each()) {
      if (table.parameter() != null || table.rows() != null || added.length > 0) {
        names.add(table.tensorName());
      }
    }
    return names;
  }

  /** Whether a table differs in nothing but the rows that train by themselves. */
  boolean differsInRowsAlone(String name) {
    Embedding table = name.equals(TensorNames.HEAD) ? head : embedding;
    if (table.rows() == null || overwritten.contains(name) || !table.rows().hasAll(added)) {
      return false;
    }
    Set<Integer> replaced = replacedRows.getOrDefault(name, Set.of());
    return table.rows().hasAll(replaced.stream().mapToInt(i -> i).toArray());
  }

  /**
   * Gives tokens that the files do not know a vector, the mean of those before them, for good.
   *
   * @param ids all of them, in a row
   */
  void add(int[] ids) {
    added = ids.clone();
    each().forEach(this::fillAdded);
  }

  private List<Embedding> each() {
    return areTied() ? List.of(embedding) : List.of(embedding, head);
  }

  private void fillAdded(Embedding table) {
    if (added.length == 0) {
      return;
    }
    try (Scope scope = new Scope()) {
      Tensor known = table.projection().rows(0, added[0]).to(DType.FLOAT32);
      table.replaceRows(added, known.mean(0, true).expand(added.length, known.size(1)));
    }
  }

  /** Tokens that the tables have with nothing of an adapter in them. */
  int baseSize() {
    int end = added.length == 0 ? 0 : added[added.length - 1] + 1;
    return Math.max(end, config.vocabularySize());
  }

  /** Replaces one table; tied ones are two from then on. */
  void overwrite(String name, Tensor value) {
    if (areTied()) {
      untie();
    }
    (name.equals(TensorNames.HEAD) ? head : embedding).replace(value);
    overwritten.add(name);
  }

  private void untie() {
    head = embedding.separate(HEAD);
    overwritten.add(TensorNames.HEAD);
  }

  /** Replaces the one table that tied ones are. */
  void overwriteTied(Tensor value) {
    embedding.replace(value);
    overwritten.add(embedding.tensorName());
  }

  /**
   * Replaces the vectors of some tokens.
   *
   * @param module the table's; null: the one that tied ones are
   */
  void overwriteRows(String module, int[] ids, Tensor values) {
    if (module != null && areTied()) {
      untie();
    }
    Embedding table = HEAD.equals(module) ? head : embedding;
    table.replaceRows(ids, values);
    Set<Integer> replaced = replacedRows.computeIfAbsent(table.tensorName(), n -> new TreeSet<>());
    Arrays.stream(ids).forEach(replaced::add);
  }

  /** Lets whole tables train. */
  List<Parameter> unfreeze(boolean tokens, boolean output) {
    List<Parameter> all = new ArrayList<>();
    if (tokens || (output && areTied())) {
      embedding.unfreeze();
      all.add(embedding.parameter());
    }
    if (output && !areTied()) {
      head.unfreeze();
      all.add(head.parameter());
    }
    return all;
  }

  /** Lets the vectors of some tokens train, in both tables. */
  List<Parameter> unfreezeRows(int[] ids) {
    List<Parameter> all = new ArrayList<>();
    for (Embedding table : each()) {
      all.add(table.unfreezeRows(ids).values());
    }
    return all;
  }

  /** The vectors that train by themselves, by the table's module. */
  Map<String, TokenRows> rows() {
    Map<String, TokenRows> all = new LinkedHashMap<>();
    for (Embedding table : each()) {
      if (table.rows() != null) {
        all.put(table.asLookup().name(), table.rows());
      }
    }
    return all;
  }

  /** Freezes both, takes out adapters, and reads tables that changed again. */
  void restore() {
    Set<String> names = changed();
    embedding.freeze();
    head.freeze();
    if (config.tiedEmbeddings() && !areTied()) {
      head.close();
      head = embedding;
    }
    for (Embedding table : each()) {
      if (names.contains(table.tensorName())) {
        try (Tensor original = store.load(table.tensorName(), type)) {
          table.replace(original);
        }
        fillAdded(table);
      }
    }
    overwritten.clear();
    replacedRows.clear();
  }

  @Override
  public void close() {
    if (!areTied()) {
      head.close();
    }
    embedding.close();
    if (converted != null) {
      converted.close();
    }
  }

  private final class Projection implements LinearOwner {
    @Override
    public Tensor rows(long from, long count) {
      return projection().rows(from, count);
    }

    @Override
    public Tensor trainable(long from, long count) {
      return head.values().narrow(0, from, count);
    }

    @Override
    public Tensor product(Tensor x, long from, long count) {
      return projection().product(x);
    }

    @Override
    public DType computeType() {
      return type;
    }

    @Override
    public Device device() {
      return store.device();
    }

    @Override
    public Tensor bias() {
      return null;
    }

    @Override
    public long inFeatures() {
      return config.hiddenSize();
    }

    @Override
    public long outFeatures() {
      return head.count();
    }

    @Override
    public Linear first(Linear one) {
      return one;
    }
  }
}
