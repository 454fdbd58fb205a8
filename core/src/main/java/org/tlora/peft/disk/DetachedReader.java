/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.OwnFiles;
import org.tlora.format.Safetensors;
import org.tlora.peft.adapter.StoredLayer;
import org.tlora.peft.disk.AdapterKeys.Module;
import org.tlora.peft.disk.AdapterKeys.Part;
import org.tlora.peft.disk.AdapterKeys.Whole;
import org.tlora.peft.disk.DetachedAdapter.Beside;
import org.tlora.peft.disk.DetachedAdapter.Product;

/** Reads adapters without a model. */
final class DetachedReader {
  private DetachedReader() {}

  static DetachedAdapter ofPeft(Path directory) {
    PeftConfig config = PeftConfig.read(OwnFiles.of(directory, AdapterDirectory.CONFIG));
    Path file = AdapterDirectory.weights(directory);
    try (Safetensors tensors = Safetensors.open(file)) {
      DetachedAdapter read =
          new DetachedAdapter(directory, config, config.json(), tensors.metadata());
      try {
        fill(read, tensors, file);
        return read;
      } catch (RuntimeException e) {
        read.close();
        throw e;
      }
    }
  }

  private static void fill(DetachedAdapter read, Safetensors tensors, Path file) {
    AdapterKeys keys = AdapterKeys.of(tensors.names(), file.toString());
    LayerTensors layers = new LayerTensors(read.config(), tensors, file);
    keys.modules()
        .forEach(
            (name, module) -> {
              String rows = keys.takeTokens(name);
              if (rows != null) {
                read.tokens.put(
                    name, new Beside(module.path(), load(tensors, List.of(rows), file)));
              }
              if (!module.isEmpty()) {
                put(read, name, module, layers);
              }
            });
    for (Whole w : keys.wholes()) {
      Tensor whole = load(tensors, w.names(), file);
      read.whole.put(AdapterKeys.canonical(w.path()), new Beside(w.path(), whole));
    }
    if (tensors.names().isEmpty()) {
      throw new InputFault(file + " holds no adapter");
    }
    if (read.config().ensuresTying()) {
      leaveOutTurned(read);
    }
    read.products.forEach((name, p) -> read.config().requireTargeted(name, p.path()));
    requireTokens(read, file);
    read.requireFinite(file);
  }

  private static void put(DetachedAdapter read, String name, Module module, LayerTensors layers) {
    boolean lookup = module.name(Part.EMBEDDING_A) != null;
    StoredLayer stored =
        layers.read(module.path(), module, lookup, LayerTensors.ANY, LayerTensors.ANY);
    if (stored != null) { // a rank of zero is nothing
      read.products.put(name, new Product(module.path(), lookup, stored));
    }
  }

  /** A tensor in its own type that several may stand for, as long as they say the same. */
  private static Tensor load(Safetensors tensors, List<String> names, Path file) {
    try (Scope scope = new Scope()) {
      DType type = tensors.type(names.get(0));
      if (type == null || !type.isFloating()) {
        throw new InputFault(
            file
                + ": tensor "
                + names.get(0)
                + " is of type "
                + tensors.typeName(names.get(0))
                + ", which no weight of an adapter is");
      }
      Tensor first = tensors.load(names.get(0), type);
      for (String other : names.subList(1, names.size())) {
        if (!AdapterReader.same(first, tensors.load(other, first.dtype()))) {
          throw new InputFault(
              file + ": tensors " + names.get(0) + " and " + other + " mean the same, but differ");
        }
      }
      return first.detachFromScope();
    }
  }

  /** A tied output layer's product is its embedding's: A there is Bᵀ here, and B Aᵀ. */
  private static void leaveOutTurned(DetachedAdapter read) {
    for (Map.Entry<String, Product> e : List.copyOf(read.products.entrySet())) {
      for (Map.Entry<String, Product> h : List.copyOf(read.products.entrySet())) {
        if (e.getValue().lookup() && isTurned(h.getValue(), e.getValue())) {
          read.turned.put(h.getValue().path(), e.getKey());
          read.products.remove(h.getKey()).stored().close();
        }
      }
    }
  }

  private static boolean isTurned(Product head, Product embedding) {
    StoredLayer h = head.stored();
    StoredLayer e = embedding.stored();
    if (head.lookup() || h.magnitude() != null || h.bias() != null) {
      return false;
    }
    try (Scope scope = new Scope()) {
      return AdapterReader.same(h.a(), e.b().t()) && AdapterReader.same(h.b(), e.a().t());
    }
  }

  /** Vectors of tokens and the list of their ids belong together. */
  private static void requireTokens(DetachedAdapter read, Path file) {
    Map<String, int[]> ids = read.config().tokenIndices();
    read.tokens.forEach(
        (table, rows) -> {
          boolean named =
              read.config().namesTokensAlone()
                  || ids.keySet().stream().anyMatch(rows.path()::endsWith);
          if (!named) {
            throw new InputFault(
                file
                    + ": the vectors of tokens of "
                    + rows.path()
                    + " are of tokens that trainable_token_indices does not name");
          }
        });
    if (!ids.isEmpty() && read.tokens.isEmpty()) {
      throw new InputFault(
          file + ": no trainable_tokens_delta, which trainable_token_indices names");
    }
  }

  static DetachedAdapter ofMlx(Path directory) {
    MlxFile mlx = new MlxFile(directory);
    try (Safetensors tensors = Safetensors.open(mlx.file())) {
      MlxFile.Names names = mlx.names(tensors);
      boolean tables = names.adapted().keySet().stream().anyMatch(DetachedReader::isEmbedding);
      PeftConfig plain = PeftConfig.plain(mlx.configFile(), mlx.base(), tables);
      DetachedAdapter read = new DetachedAdapter(directory, plain, mlx.config(), Map.of());
      try {
        fill(read, mlx, names, tensors);
        return read;
      } catch (RuntimeException e) {
        read.close();
        throw e;
      }
    }
  }

  private static void fill(
      DetachedAdapter read, MlxFile mlx, MlxFile.Names names, Safetensors tensors) {
    read.notes.addAll(mlx.notes());
    names
        .adapted()
        .forEach(
            (path, parts) -> {
              boolean lookup = isEmbedding(path);
              mlx.requireNamed(path, path);
              StoredLayer stored =
                  mlx.layer(path, parts, lookup, LayerTensors.ANY, LayerTensors.ANY, tensors);
              Product before =
                  read.products.put(AdapterKeys.canonical(path), new Product(path, lookup, stored));
              if (before != null) {
                before.stored().close();
                throw new InputFault(mlx.where() + "two adapters of " + path);
              }
            });
    for (Whole w : AdapterKeys.of(names.whole(), mlx.file() + " of MLX").wholes()) {
      Tensor whole = load(tensors, w.names(), mlx.file());
      read.whole.put(AdapterKeys.canonical(w.path()), new Beside(w.path(), whole));
    }
    read.requireFinite(mlx.file());
  }

  /** MLX's tensors do not tell an embedding from a projection; its name does in all families. */
  private static boolean isEmbedding(String path) {
    return path.equals("embed_tokens") || path.endsWith(".embed_tokens");
  }
}
