/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import org.tlora.engine.DType;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.Safetensors;
import org.tlora.model.CausalLm;
import org.tlora.model.Linear;
import org.tlora.model.Model;
import org.tlora.peft.adapter.StoredLayer;

/** Reads an adapter of MLX (mlx-lm) for a model. */
final class MlxAdapter {
  private final MlxFile mlx;
  private final Model model;
  private final Map<Linear, StoredLayer> layers = new LinkedHashMap<>();

  private MlxAdapter(Path directory, Model model) {
    this.model = model;
    mlx = new MlxFile(directory);
  }

  /**
   * Reads an adapter and checks it against a model; owned by the caller.
   *
   * @throws InputFault if it does not fit, or something in it is not known here
   */
  static StoredAdapter read(Path directory, Model model) {
    MlxAdapter adapter = new MlxAdapter(directory, model);
    try (Safetensors tensors = Safetensors.open(adapter.mlx.file())) {
      return adapter.read(tensors);
    } catch (RuntimeException e) {
      adapter.layers.values().forEach(StoredLayer::close);
      throw e;
    }
  }

  private StoredAdapter read(Safetensors tensors) {
    MlxFile.Names names = mlx.names(tensors);
    names.adapted().forEach((module, parts) -> add(module, parts, tensors));
    PeftConfig plain = PeftConfig.plain(mlx.configFile());
    AdapterWeights weights =
        AdapterWeights.of(plain, model, mlx.file(), whole(names.whole(), tensors));
    StoredAdapter stored = new StoredAdapter(plain, layers, weights, mlx.notes());
    try {
      tie();
      stored.requireFinite(mlx.file().toString());
      return stored;
    } catch (RuntimeException e) {
      weights.close();
      throw e;
    }
  }

  private Map<String, Tensor> whole(List<String> names, Safetensors tensors) {
    Map<String, Tensor> found = new LinkedHashMap<>();
    AdapterKeys.of(names, mlx.file() + " of MLX")
        .whole(model.weightNames())
        .forEach(
            (name, inFile) -> {
              if (inFile.size() > 1) {
                throw new InputFault(
                    mlx.where() + "tensors " + String.join(" and ", inFile) + " mean the same");
              }
              found.put(name, tensors.load(inFile.get(0), DType.FLOAT32));
            });
    return found;
  }

  private void add(String path, Map<String, String> parts, Safetensors tensors) {
    String wanted = AdapterKeys.canonical(path);
    Linear layer =
        model
            .adaptable()
            .filter(l -> AdapterKeys.canonical(l.name()).equals(wanted))
            .findFirst()
            .orElseThrow(
                () ->
                    new InputFault(
                        mlx.where()
                            + "tensor "
                            + parts.values().iterator().next()
                            + " belongs to no layer of the model"));
    StoredLayer stored =
        mlx.layer(path, parts, layer.isLookup(), layer.inFeatures(), layer.outFeatures(), tensors);
    StoredLayer before = layers.putIfAbsent(layer, stored);
    if (before != null) {
      stored.close();
      throw new InputFault(mlx.where() + "two adapters of " + layer.name());
    }
    requireTargeted(path, layer);
  }

  /** Tensors of a layer that mlx-lm would not put an adapter on are ones it does not use. */
  private void requireTargeted(String path, Linear layer) {
    mlx.requireNamed(path, layer.name());
    Matcher numbered = MlxFile.LAYER.matcher(AdapterKeys.canonical(path));
    long last = mlx.config().path("num_layers").asLong(mlx.config().path("lora_layers").asLong(-1));
    boolean among =
        !numbered.matches()
            || last <= 0
            || !(model instanceof CausalLm lm)
            || Long.parseLong(numbered.group(1)) >= lm.config().layers() - last;
    if (!among) {
      throw mlx.leftOut("num_layers", path);
    }
  }

  /** A tied embedding's adapter is the output layer's too: h a becomes h bᵀ, then aᵀ. */
  private void tie() {
    if (!(model instanceof CausalLm lm) || !lm.config().tiedEmbeddings()) {
      return;
    }
    StoredLayer own = layers.get(model.tables().get(0));
    if (own != null) {
      layers.put(model.tables().get(1), own.turned());
    }
  }
}
