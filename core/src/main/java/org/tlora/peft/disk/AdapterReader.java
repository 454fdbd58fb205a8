/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.Safetensors;
import org.tlora.model.Linear;
import org.tlora.model.Model;
import org.tlora.peft.adapter.StoredLayer;
import org.tlora.peft.disk.AdapterKeys.Module;

/** Reads the tensors of an adapter of HF PEFT for a model, once. */
final class AdapterReader implements AutoCloseable {
  private final PeftConfig config;
  private final Safetensors tensors;
  private final Path file;
  private final Model model;
  private final AdapterKeys keys;
  private final LayerTensors layerTensors;
  private final Map<Linear, StoredLayer> layers = new LinkedHashMap<>();
  private final AdapterWeights weights;
  private boolean handedOver;

  AdapterReader(PeftConfig config, Safetensors tensors, Path file, Model model) {
    this.config = config;
    this.tensors = tensors;
    this.file = file;
    this.model = model;
    keys = AdapterKeys.of(tensors.names(), file.toString());
    layerTensors = new LayerTensors(config, tensors, file);
    weights = new AdapterWeights(config, tensors, file, model);
  }

  /** The whole adapter; owned by the caller. */
  StoredAdapter read() {
    weights.read(keys);
    for (Linear l : model.linears()) {
      Module module = keys.take(l.name());
      if (!module.isEmpty()) {
        put(l, layer(l, module));
      } else {
        SplitParts parts = SplitParts.of(l, model);
        if (parts.takeFrom(keys)) {
          layers.put(l, parts.join(tensors, config));
        }
      }
    }
    readTables();
    for (String name : keys.left()) {
      throw keys.belongsNowhere(name);
    }
    if (tensors.names().isEmpty()) {
      throw new InputFault(file + " holds no adapter");
    }
    StoredAdapter stored = new StoredAdapter(config, layers, weights, notes());
    stored.requireFinite(file.toString());
    handedOver = true;
    return stored;
  }

  private List<String> notes() {
    List<String> notes = new ArrayList<>(weights.notes());
    if (config.ensuresTying() && !weights.baseIsTied()) {
      notes.add("ensure_weight_tying: the base ties no weights, so none are tied");
    }
    String rounded = tensors.metadata().get(AdapterDirectory.BASE_ROUNDED_TO);
    if (rounded != null && !rounded.equals(AdapterWriter.codes(model))) {
      notes.add(
          "was trained on a base rounded to "
              + rounded
              + ", and comes on one that is not (`quantize`): what it says may differ");
    }
    return notes;
  }

  private void put(Linear l, StoredLayer layer) {
    if (layer != null) {
      layers.put(l, layer);
    }
  }

  private void readTables() {
    List<Linear> tables = model.tables();
    if (tables.isEmpty()) {
      return;
    }
    Linear embedding = tables.get(0);
    Linear head = tables.get(1);
    Module ofEmbedding = keys.take(embedding.name());
    Module ofHead = keys.take(head.name());
    boolean tied = config.ensuresTying() && weights.baseIsTied();
    if (!ofEmbedding.isEmpty()) {
      put(embedding, layer(embedding, ofEmbedding));
    }
    if (!ofHead.isEmpty()) {
      if (!(tied && !ofEmbedding.isEmpty())) { // what is tied has no target of its own
        config.requireTargeted(head.name(), ofHead.path());
      }
      put(head, untargeted(head, ofHead));
    }
    if (tied && layers.containsKey(embedding)) {
      tie(embedding, head);
    }
  }

  /** The output layer sees the embedding's adapter turned round: its A is Bᵀ, its B Aᵀ. */
  private void tie(Linear embedding, Linear head) {
    StoredLayer own = layers.get(embedding);
    StoredLayer stored = layers.get(head);
    try (Scope scope = new Scope()) {
      if (stored == null) {
        if (own.magnitude() != null) {
          throw new InputFault(
              file + ": ensure_weight_tying with use_dora, but no tensors of " + head.name());
        }
        layers.put(head, own.turned());
      } else if (!same(stored.a(), own.b().t()) || !same(stored.b(), own.a().t())) {
        throw new InputFault(
            file
                + ": ensure_weight_tying, but the adapters of "
                + embedding.name()
                + " and "
                + head.name()
                + " differ");
      }
    }
  }

  /** Whether two tensors hold the same numbers. */
  static boolean same(Tensor a, Tensor b) {
    try (Scope scope = new Scope()) {
      return Arrays.equals(a.shape(), b.shape()) && a.sub(b).absoluteSum() == 0;
    }
  }

  /** The layer's adapter, or null where its rank is zero. */
  private StoredLayer layer(Linear l, Module module) {
    config.requireTargeted(l.name(), module.path());
    return untargeted(l, module);
  }

  private StoredLayer untargeted(Linear l, Module module) {
    boolean lookup = l.isLookup();
    long in = lookup ? weights.vocabulary(l.name()) : l.inFeatures();
    long out = !lookup && isTable(l) ? weights.vocabulary(l.name()) : l.outFeatures();
    return layerTensors.read(l.name(), module, lookup, in, out);
  }

  private boolean isTable(Linear l) {
    return model.tables().contains(l);
  }

  @Override
  public void close() {
    if (!handedOver) {
      layers.values().forEach(StoredLayer::close);
      weights.close();
    }
  }
}
