/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;

/**
 * The weights of a Hugging Face model directory: {@code model.safetensors}, or the shards that
 * {@code model.safetensors.index.json} lists.
 */
public final class ShardedSafetensors implements WeightStore {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final Pattern OF_A_MODEL =
      Pattern.compile("model(-\\d+-of-\\d+)?\\.safetensors|model\\.safetensors\\.index\\.json");

  private final Map<String, Safetensors> byName;
  private final Set<Safetensors> files;

  private ShardedSafetensors(Map<String, Safetensors> byName, Set<Safetensors> files) {
    this.byName = byName;
    this.files = files;
  }

  /**
   * Opens the weights in {@code directory}.
   *
   * @throws InputFault if there are none, or a shard is missing, damaged or outside the directory
   */
  public static ShardedSafetensors open(Path directory) {
    Map<String, Safetensors> byName = new LinkedHashMap<>();
    Set<Safetensors> files = new LinkedHashSet<>();
    Path single = OwnFiles.of(directory, SINGLE);
    Path index = OwnFiles.of(directory, INDEX);
    try {
      if (Files.exists(single)) {
        Safetensors file = Safetensors.open(single);
        files.add(file);
        file.names().forEach(name -> byName.put(name, file));
      } else if (Files.exists(index)) {
        openShards(directory, index, byName, files);
      } else {
        throw new InputFault(
            directory
                + " has no model.safetensors and no model.safetensors.index.json; convert the model"
                + " to safetensors first");
      }
    } catch (RuntimeException e) {
      files.forEach(Safetensors::close);
      throw e;
    }
    return new ShardedSafetensors(byName, files);
  }

  private static void openShards(
      Path directory, Path index, Map<String, Safetensors> byName, Set<Safetensors> files) {
    JsonNode map = Json.readObject(index).path("weight_map");
    if (!map.isObject() || map.isEmpty()) {
      throw new InputFault(index + " has no weight_map");
    }
    Map<String, Safetensors> shards = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> e : map.properties()) {
      String shard = e.getValue().asText();
      Safetensors file = shards.get(shard);
      if (file == null) {
        file = Safetensors.open(OwnFiles.of(directory, shard));
        shards.put(shard, file);
        files.add(file);
      }
      if (!file.names().contains(e.getKey())) {
        throw new InputFault(index + ": tensor " + e.getKey() + " is not in " + shard);
      }
      byName.put(e.getKey(), file);
    }
    // transformers reads whole shards, what the index does not list too
    files.forEach(file -> file.names().forEach(name -> byName.putIfAbsent(name, file)));
  }

  /**
   * Writes tensors as {@code model.safetensors}, or as shards of at most {@code shardBytes} each
   * (where no tensor is larger) with their index. What an earlier model left there under such names
   * goes, for it would be read in their place.
   *
   * @throws org.tlora.fault.RunFault if the directory cannot be written
   */
  public static void write(
      Path directory,
      Map<String, Safetensors.Source> tensors,
      Map<String, String> metadata,
      long shardBytes) {
    List<Map<String, Safetensors.Source>> shards = new ArrayList<>();
    long held = 0;
    long total = 0;
    for (Map.Entry<String, Safetensors.Source> e : tensors.entrySet()) {
      long bytes = e.getValue().bytes();
      if (shards.isEmpty() || held + bytes > shardBytes) {
        shards.add(new LinkedHashMap<>());
        held = 0;
      }
      shards.get(shards.size() - 1).put(e.getKey(), e.getValue());
      held += bytes;
      total += bytes;
    }
    if (shards.size() == 1) {
      Safetensors.write(directory.resolve(SINGLE), tensors, metadata);
      removeOthers(directory, Set.of(SINGLE));
      return;
    }
    Set<String> written = new LinkedHashSet<>(Set.of(INDEX));
    ObjectNode index = Json.object();
    index.putObject("metadata").put("total_size", total);
    ObjectNode map = index.putObject("weight_map");
    for (int i = 0; i < shards.size(); i++) {
      String name =
          String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
      shards.get(i).keySet().forEach(tensor -> map.put(tensor, name));
      Safetensors.write(directory.resolve(name), shards.get(i), metadata);
      written.add(name);
    }
    AtomicFiles.writeText(directory.resolve(INDEX), Json.pretty(index));
    removeOthers(directory, written);
  }

  private static void removeOthers(Path directory, Set<String> written) {
    try (Stream<Path> all = Files.list(directory)) {
      for (Path file : all.toList()) {
        String name = String.valueOf(file.getFileName());
        if (OF_A_MODEL.matcher(name).matches() && !written.contains(name)) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw new RunFault(
          directory + ": weights of an earlier model cannot be removed: " + Json.reason(e), e);
    }
  }

  @Override
  public Set<String> names() {
    return byName.keySet();
  }

  @Override
  public long[] shape(String name) {
    return require(name).shape(name);
  }

  @Override
  public Tensor load(String name, DType type) {
    return require(name).load(name, type);
  }

  @Override
  public Tensor loadRows(String name, long from, long count, DType type) {
    return require(name).loadRows(name, from, count, type);
  }

  /** Bytes of a tensor on disk. */
  public long byteCount(String name) {
    return require(name).byteCount(name);
  }

  /** A tensor's bytes as they are on disk, whatever its type is, [bytes] uint8. */
  public Tensor loadBytes(String name) {
    return require(name).loadBytes(name);
  }

  /** The element type of a tensor on disk; null if it is none that is computed with. */
  public DType type(String name) {
    return require(name).type(name);
  }

  /** What the format calls that type, such as {@code F8_E4M3}. */
  public String typeName(String name) {
    return require(name).typeName(name);
  }

  @Override
  public Optional<Stored> stored(String name) {
    return require(name).stored(name);
  }

  /** Whether two tensors have the same values, whatever their types are. */
  public boolean equal(String one, String other) {
    if (!Arrays.equals(shape(one), shape(other))) {
      return false;
    }
    if (typeName(one).equals(typeName(other))) {
      return require(one).sameBytes(one, require(other), other);
    }
    try (Scope scope = new Scope()) {
      Tensor difference = load(one, DType.FLOAT64).sub(load(other, DType.FLOAT64));
      return difference.square().sum().item() == 0;
    }
  }

  private Safetensors require(String name) {
    Safetensors file = byName.get(name);
    if (file == null) {
      throw new InputFault("the model's weights have no tensor " + name);
    }
    return file;
  }

  @Override
  public void close() {
    files.forEach(Safetensors::close);
  }
}
