/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.tlora.collective.Collective;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Parallel;
import org.tlora.engine.Tensor;
import org.tlora.format.Json;
import org.tlora.model.Linear;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.peft.adapter.StoredLayer;

/**
 * Starts the adapters of layers. Several processes share the layers, and each gets the others'
 * factors, of which it makes the same adapters to the bit.
 */
final class SpreadStarts {
  /** Elements of a weight from which on its layer is started alone. */
  private static final long LARGE = 4L << 20;

  private static final String LAYERS = "layers";

  /** Makes an adapter of what another process has started. */
  interface Resuming {
    PeftAdapter of(Linear layer, StoredLayer stored);
  }

  private final Collective all;
  private final Function<Linear, PeftAdapter> start;
  private final Resuming resuming;

  SpreadStarts(Collective all, Function<Linear, PeftAdapter> start, Resuming resuming) {
    this.all = all;
    this.start = start;
    this.resuming = resuming;
  }

  /** The adapters of layers; owned by the caller. */
  Map<Linear, PeftAdapter> of(List<Linear> layers) {
    Map<Linear, PeftAdapter> started = new LinkedHashMap<>();
    try {
      own(share(layers, all.rank()), started);
      for (int r = 0; r < all.size() && all.isGroup(); r++) {
        exchange(r, share(layers, r), started);
      }
    } catch (RuntimeException e) {
      started.values().forEach(PeftAdapter::close);
      throw e;
    }
    return started;
  }

  private List<Linear> share(List<Linear> layers, int rank) {
    List<Linear> share = new ArrayList<>();
    for (int i = rank; i < layers.size(); i += all.size()) {
      share.add(layers.get(i));
    }
    return share;
  }

  private void own(List<Linear> layers, Map<Linear, PeftAdapter> started) {
    // large layers keep all processors busy by themselves, and two at a time take twice the memory
    List<Linear> small = layers.stream().filter(l -> elements(l) < LARGE).toList();
    List<PeftAdapter> adapters = Parallel.map(small, start);
    for (int i = 0; i < small.size(); i++) {
      started.put(small.get(i), adapters.get(i));
    }
    all.works();
    for (Linear l : layers) {
      if (elements(l) >= LARGE) {
        started.put(l, start.apply(l));
        all.works();
      }
    }
  }

  private static long elements(Linear l) {
    return l.inFeatures() * l.outFeatures();
  }

  /** Brings what one process has started to the others. */
  private void exchange(int from, List<Linear> layers, Map<Linear, PeftAdapter> started) {
    if (layers.isEmpty()) {
      return;
    }
    List<StoredLayer> stored = new ArrayList<>();
    try {
      if (all.rank() == from) {
        layers.forEach(l -> stored.add(started.get(l).stored()));
      }
      byte[] shapes = all.rank() == from ? Json.compact(shapes(stored)).getBytes(UTF_8) : null;
      byte[] told = all.broadcast(shapes == null ? new byte[0] : shapes, from);
      if (all.rank() != from) {
        JsonNode said = Json.parseObject(new String(told, UTF_8), "the shapes of rank " + from);
        said.path(LAYERS).forEach(layer -> stored.add(empty(layer)));
      }
      List<Tensor> tensors = new ArrayList<>();
      stored.forEach(s -> tensors.addAll(s.tensors()));
      all.broadcast(tensors, from);
      for (int i = 0; i < layers.size() && all.rank() != from; i++) {
        started.put(layers.get(i), resuming.of(layers.get(i), stored.get(i)));
      }
    } finally {
      stored.forEach(StoredLayer::close);
    }
  }

  private static ObjectNode shapes(List<StoredLayer> layers) {
    ObjectNode all = Json.object();
    ArrayNode list = all.putArray(LAYERS);
    for (StoredLayer s : layers) {
      ObjectNode layer = list.addObject();
      layer.put("scaling", s.scaling()).put("fixed_rank", s.fixedRank());
      put(layer, "a", s.a());
      put(layer, "b", s.b());
      put(layer, "bias", s.bias());
      put(layer, "e", s.e());
      put(layer, "m", s.magnitude());
    }
    return all;
  }

  private static void put(ObjectNode layer, String name, Tensor t) {
    if (t != null) {
      ArrayNode shape = layer.putArray(name);
      for (long n : t.shape()) {
        shape.add(n);
      }
    }
  }

  private static StoredLayer empty(JsonNode layer) {
    return new StoredLayer(
        empty(layer, "a"),
        empty(layer, "b"),
        empty(layer, "bias"),
        empty(layer, "e"),
        empty(layer, "m"),
        layer.path("scaling").asDouble(),
        layer.path("fixed_rank").asLong());
  }

  private static Tensor empty(JsonNode layer, String name) {
    if (!layer.has(name)) {
      return null;
    }
    List<Long> shape = new ArrayList<>();
    layer.path(name).forEach(n -> shape.add(n.asLong()));
    long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
    return Tensor.empty(Device.CPU, DType.FLOAT32, sizes);
  }
}
