/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.model.DecoderConfig;
import org.tlora.model.DecoderConfig.LayerAttention;
import org.tlora.model.DecoderConfig.RopeConfig;

/**
 * What transformers 5.23 makes of configurations in which rotary embeddings, windows and sizes
 * stand where they can stand, or are missing (interop/configs_golden.py).
 */
class ConfigurationsTest {
  @TestFactory
  Stream<DynamicTest> decodersAreAsInTransformers() throws IOException, URISyntaxException {
    Path file = Path.of(ConfigurationsTest.class.getResource("/configs/decoders.json").toURI());
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode c : Json.parse(Files.readString(file), "golden").path("cases")) {
      String name = tests.size() + " " + c.path("config").path("model_type").asText();
      tests.add(DynamicTest.dynamicTest(name, () -> check(c)));
    }
    return tests.stream();
  }

  private static void check(JsonNode c) {
    JsonNode want = c.path("expected");
    DecoderConfig got;
    HubConfig fields = new HubConfig((ObjectNode) c.path("config"), "config.json");
    try {
      got =
          Families.known()
              .ofArchitecture(c.path("config").path("architectures").get(0).asText(), "here")
              .config(fields);
    } catch (InputFault e) {
      // transformers passes over parameters of kinds of layers that a class does not have
      boolean byKind = e.getMessage().contains("are for kinds of layers");
      assertTrue(want.has("error") || byKind, () -> e.getMessage() + ": " + c);
      return;
    }
    if (want.has("error")) {
      return; // what transformers refuses has no numbers to differ from
    }
    assertEquals(want.path("key_value_heads").asInt(), got.attention().keyValueHeads(), "" + c);
    assertEquals(want.path("max_positions").asInt(), got.maxPositions(), "" + c);
    assertEquals(want.path("norm_epsilon").asDouble(), got.norm().epsilon(), "" + c);
    assertEquals(want.path("tied").asBoolean(), got.tiedEmbeddings(), "" + c);
    for (int i = 0; i < got.layers(); i++) {
      LayerAttention layer = got.attention().layers().get(i);
      assertEquals(want.path("windows").path(i).asInt(), layer.window(), "window: " + c);
      boolean turns = layer.rope() != LayerAttention.NO_ROPE;
      assertEquals(want.path("turns").path(i).asBoolean(), turns, "turns: " + c);
    }
    for (int i = 0; i < got.ropes().size(); i++) {
      JsonNode rope = want.path("ropes").path(i);
      if (!rope.isNull()) {
        compare(rope, got.ropes().get(i), "" + c);
      }
    }
    boolean unknown = c.path("config").toString().contains("some_key");
    boolean named = fields.notices().toString().matches("(?s).*(some_key|rope_parameters).*");
    assertTrue(!unknown || named, () -> "an unknown key is named: " + c);
  }

  private static void compare(JsonNode want, RopeConfig got, String config) {
    float[] frequencies = got.scaling().inverseFrequencies(got.dims(), got.theta(), false);
    assertEquals(want.path("short").size(), frequencies.length, "turning components: " + config);
    for (int i = 0; i < frequencies.length; i++) {
      double f = want.path("short").path(i).asDouble();
      assertEquals(f, frequencies[i], 1e-6 * f, "frequency " + i + ": " + config);
    }
    assertEquals(
        want.path("magnitude").asDouble(), got.scaling().magnitude(), 1e-6, "magnitude: " + config);
  }
}
