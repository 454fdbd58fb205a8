/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.FiniteWeights;
import org.tlora.format.Safetensors;
import org.tlora.model.CausalLm;
import org.tlora.model.Linear;
import org.tlora.model.Model;

/**
 * Whole weights and vectors of tokens that an adapter brings beside low-rank products. Where the
 * base ties its embedding to its output layer, they are one in what PEFT does too, unless {@code
 * modules_to_save} makes a copy of one.
 */
final class AdapterWeights implements AutoCloseable {
  private final PeftConfig config;
  private final Safetensors tensors;
  private final Path file;
  private final Model model;
  private final Map<String, Tensor> weights = new LinkedHashMap<>();
  private final List<StoredRows> rows = new ArrayList<>();
  private final String embedding; // module names, or null in an encoder
  private final String head;
  private boolean unties;

  AdapterWeights(PeftConfig config, Safetensors tensors, Path file, Model model) {
    this.config = config;
    this.tensors = tensors;
    this.file = file;
    this.model = model;
    List<Linear> tables = model.tables();
    embedding = tables.isEmpty() ? null : tables.get(0).name();
    head = tables.isEmpty() ? null : tables.get(1).name();
  }

  /** Weights that a file of another program has, which are plain. */
  static AdapterWeights of(PeftConfig config, Model model, Path file, Map<String, Tensor> whole) {
    AdapterWeights all = new AdapterWeights(config, null, file, model);
    whole.forEach((name, w) -> all.weights.put(name, w.detachFromScope()));
    if (all.embedding != null) {
      all.settleTables();
      all.requireOneSize();
    }
    return all;
  }

  /** Whether the base's embedding is its output layer's weight too. */
  boolean baseIsTied() {
    return model instanceof CausalLm lm && lm.config().tiedEmbeddings();
  }

  /** Tokens that a table has with this adapter. */
  long vocabulary(String table) {
    Tensor own = weights.get(table + ".weight");
    Tensor shared = unties || !baseIsTied() ? null : weights.get(embedding + ".weight");
    Tensor found = own == null ? shared : own;
    long size = found == null ? ((CausalLm) model).baseVocabularySize() : found.size(0);
    for (StoredRows r : rows) {
      if (r.table() == null || r.table().equals(table)) {
        size = Math.max(size, r.end());
      }
    }
    return size;
  }

  /** Reads all that is no low-rank product and takes it out of the keys. */
  void read(AdapterKeys keys) {
    List<String> own = new ArrayList<>(model.weightNames());
    if (head != null && !own.contains(head + ".weight")) {
      own.add(head + ".weight");
    }
    keys.whole(own).forEach((name, inFile) -> weights.put(name, one(inFile)));
    requireSaved(own);
    if (embedding != null) {
      settleTables();
      readRows(keys);
      requireOneSize();
    }
  }

  /** A weight that several tensors may stand for, as long as they say the same. */
  private Tensor one(List<String> names) {
    try (Scope scope = new Scope()) {
      Tensor first = tensors.load(names.get(0), DType.FLOAT32);
      for (String other : names.subList(1, names.size())) {
        if (!AdapterReader.same(first, tensors.load(other, DType.FLOAT32))) {
          throw new InputFault(
              file + ": tensors " + names.get(0) + " and " + other + " mean the same, but differ");
        }
      }
      return first.detachFromScope();
    }
  }

  private void requireSaved(List<String> own) {
    for (String module : config.modulesToSave()) {
      boolean known = own.stream().anyMatch(n -> WholeWeights.module(n).endsWith(module));
      boolean there =
          weights.keySet().stream().anyMatch(n -> WholeWeights.module(n).endsWith(module));
      boolean tied = config.ensuresTying() && weights.containsKey(embedding + ".weight");
      if (known && !there && !tied) {
        throw new InputFault(
            file + ": modules_to_save names " + module + ", of which there is no tensor");
      }
    }
  }

  /** Decides whether tied tables become two, and leaves out what the base has already. */
  private void settleTables() {
    String e = embedding + ".weight";
    String h = head + ".weight";
    boolean copies =
        !config.ensuresTying()
            && ((weights.containsKey(e) && config.savesModule(embedding))
                || (weights.containsKey(h) && config.savesModule(head)));
    if (baseIsTied() && copies) {
      unties = true;
    } else if (baseIsTied() && weights.containsKey(h)) {
      Tensor ofHead = weights.remove(h);
      Tensor ofEmbedding = weights.putIfAbsent(e, ofHead);
      if (ofEmbedding != null) {
        boolean same = AdapterReader.same(ofEmbedding, ofHead);
        ofHead.close();
        if (!same) {
          throw new InputFault(
              file + ": " + e + " and " + h + " differ, but the base has one for both");
        }
      }
    }
    if (!unties) {
      leaveOutUnchanged(e);
      leaveOutUnchanged(h);
    }
  }

  private void leaveOutUnchanged(String name) {
    try (Scope scope = new Scope()) {
      Tensor here = model.weightNames().contains(name) ? model.weight(name) : null;
      Tensor saved = weights.get(name);
      if (here != null
          && saved != null
          && !model.changedWeights().containsKey(name)
          && AdapterReader.same(here, saved.to(here.dtype()))) {
        weights.remove(name).close();
      }
    }
  }

  private void readRows(AdapterKeys keys) {
    if (unties && config.namesTokensAlone()) {
      throw new InputFault(
          file.resolveSibling(AdapterDirectory.CONFIG)
              + ": trainable_token_indices names no table, and modules_to_save unties the two of"
              + " the base: name the table that the tokens are of");
    }
    Map<String, int[]> indices = new LinkedHashMap<>();
    config
        .tokenIndices()
        .forEach(
            (name, ids) -> {
              String table = embedding.endsWith(name) ? embedding : head;
              if (!table.endsWith(name)) {
                throw new InputFault(
                    file.resolveSibling(AdapterDirectory.CONFIG)
                        + ": trainable_token_indices of "
                        + name
                        + ", which has no tokens");
              }
              indices.put(table, ids);
            });
    String ofEmbedding = keys.takeTokens(embedding);
    String ofHead = keys.takeTokens(head);
    int[] atEmbedding = indices.get(embedding);
    int[] atHead = indices.get(head);
    boolean tied =
        baseIsTied()
            && !unties
            && atEmbedding != null
            && (config.ensuresTying() || atHead == null || Arrays.equals(atEmbedding, atHead));
    addRows(tied ? null : embedding, atEmbedding, ofEmbedding, embedding);
    if (!tied) {
      addRows(head, atHead, ofHead, head);
    } else if (ofHead != null) {
      try (Tensor again = tensors.load(ofHead, DType.FLOAT32)) {
        if (!AdapterReader.same(rows.get(0).values(), again)) {
          throw new InputFault(
              file + ": " + ofEmbedding + " and " + ofHead + " differ, but the base ties them");
        }
      }
    }
  }

  private void addRows(String table, int[] ids, String name, String module) {
    if (ids == null && name == null) {
      return;
    }
    if (ids == null || name == null) {
      throw new InputFault(
          file
              + (name == null ? ": no trainable_tokens_delta of " + module : ": tensor " + name)
              + (name == null
                  ? ", which trainable_token_indices names"
                  : " is of tokens that trainable_token_indices does not name"));
    }
    long hidden = model.tables().get(0).outFeatures();
    if (!Arrays.equals(tensors.shape(name), new long[] {ids.length, hidden})) {
      throw new InputFault(
          file
              + ": tensor "
              + name
              + " has shape "
              + Arrays.toString(tensors.shape(name))
              + " for "
              + ids.length
              + " tokens");
    }
    StoredRows stored = new StoredRows(table, ids, tensors.load(name, DType.FLOAT32));
    long size = vocabulary(module);
    long more = Arrays.stream(ids).filter(id -> id >= size).count();
    if (stored.end() > size && more != stored.end() - size) {
      stored.close();
      throw new InputFault(
          file
              + ": "
              + module
              + " has "
              + size
              + " tokens; trainable_token_indices goes to "
              + (stored.end() - 1)
              + ", but not with all in between");
    }
    rows.add(stored);
  }

  private void requireOneSize() {
    if (vocabulary(embedding) != vocabulary(head)) {
      throw new InputFault(
          file
              + ": "
              + embedding
              + " has "
              + vocabulary(embedding)
              + " tokens, "
              + head
              + " "
              + vocabulary(head)
              + ": save both tables with the adapter");
    }
  }

  /** What a user should know of them. */
  List<String> notes() {
    if (embedding == null) {
      return List.of();
    }
    long base = ((CausalLm) model).baseVocabularySize();
    long here = vocabulary(embedding);
    return here == base
        ? List.of()
        : List.of("the adapter has a vocabulary of " + here + " tokens, the base one of " + base);
  }

  /** Makes sure that all can be computed with. */
  void requireFinite(String where) {
    weights.forEach((name, w) -> FiniteWeights.requireFinite(w, name, where));
    rows.forEach(r -> FiniteWeights.requireFinite(r.values(), "of tokens", where));
  }

  /** Whether there are none. */
  boolean isEmpty() {
    return weights.isEmpty() && rows.isEmpty();
  }

  /** Puts all into a model. */
  void overwrite(Model target) {
    if (unties) {
      weights.forEach(target::overwrite);
    } else {
      target.overwriteAll(weights);
    }
    for (StoredRows r : rows) {
      ((CausalLm) target).overwriteRows(r.table(), r.ids(), r.values());
    }
  }

  @Override
  public void close() {
    weights.values().forEach(Tensor::close);
    rows.forEach(StoredRows::close);
  }
}
