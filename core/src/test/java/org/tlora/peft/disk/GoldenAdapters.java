/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.format.Json;
import org.tlora.format.Safetensors;
import org.tlora.golden.Shared;
import org.tlora.model.Adaptation;
import org.tlora.model.AdapterSet;
import org.tlora.model.CausalLm;
import org.tlora.model.Layout;
import org.tlora.model.Pass;

/**
 * Adapters that HF PEFT 0.21.2 saved, with the logits that it computes with them. {@code
 * interop/adapters_golden.py} made them.
 */
public final class GoldenAdapters {
  private static final Path ADAPTERS =
      Path.of(System.getProperty("tlora.root", ".."), "core/src/test/resources/peft-adapters");

  /** Logits are of magnitude 5; PEFT's are rounded to six decimals. */
  private static final double TOLERANCE = 2e-5;

  private GoldenAdapters() {}

  static List<String> names() throws IOException {
    try (Stream<Path> all = Files.list(ADAPTERS)) {
      return all.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  public static Path path(String name) {
    return ADAPTERS.resolve(name);
  }

  /** What PEFT computes. */
  public record Expected(Path base, int[] ids, double[] logits) {
    static Expected of(String name) {
      ObjectNode json = Json.readObject(path(name).resolve("expected.json"));
      return new Expected(
          Shared.path("cases/models/" + json.path("base").asText()),
          numbers(json, "ids").mapToInt(n -> (int) n).toArray(),
          numbers(json, "logits").toArray());
    }

    private static DoubleStream numbers(ObjectNode json, String key) {
      return StreamSupport.stream(json.path(key).spliterator(), false)
          .mapToDouble(JsonNode::asDouble);
    }

    void check(String what, CausalLm model, AdapterSet adapters) {
      float[] got = lastLogits(model, adapters, ids);
      assertEquals(logits.length, got.length, what + ": vocabulary");
      double off = 0;
      for (int i = 0; i < got.length; i++) {
        off = Math.max(off, Math.abs(got[i] - logits[i]));
      }
      assertTrue(off < TOLERANCE, what + ": logits are " + off + " off");
    }
  }

  public static float[] lastLogits(CausalLm model, AdapterSet adapters, int[] ids) {
    try (Scope scope = new Scope()) {
      Pass pass = Pass.inference(Layout.of(ids.length), Adaptation.of(adapters));
      int[] last = {ids.length - 1};
      return model.scores(pass, model.hidden(pass, ids), last).toFloats();
    }
  }

  /** Writes an adapter of PEFT anew, with other tensors. */
  public static void rewrite(String name, Path directory, Consumer<Map<String, Tensor>> change) {
    rewrite(name, directory, change, config -> {});
  }

  /** The same with another configuration. */
  public static void rewrite(
      String name,
      Path directory,
      Consumer<Map<String, Tensor>> change,
      Consumer<ObjectNode> configure) {
    try (Scope scope = new Scope();
        Safetensors file = Safetensors.open(path(name).resolve("adapter_model.safetensors"))) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      file.names().forEach(n -> tensors.put(n, file.load(n, file.type(n))));
      change.accept(tensors);
      Map<String, Safetensors.Source> sources = new LinkedHashMap<>();
      tensors.forEach((n, t) -> sources.put(n, Safetensors.Source.of(t.contiguous())));
      Files.createDirectories(directory);
      Safetensors.write(directory.resolve("adapter_model.safetensors"), sources, Map.of());
      ObjectNode config = Json.readObject(path(name).resolve("adapter_config.json"));
      configure.accept(config);
      Files.writeString(directory.resolve("adapter_config.json"), Json.pretty(config));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
