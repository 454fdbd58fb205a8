/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;

class AdapterCheckTest {
  private static final String WHOLE = "without-untied";

  @TempDir private Path directory;

  private String fault(Consumer<Map<String, Tensor>> change, Consumer<ObjectNode> configure) {
    GoldenAdapters.rewrite(WHOLE, directory, change, configure);
    return assertThrows(InputFault.class, () -> AdapterCheck.requireWhole(directory)).getMessage();
  }

  private static String first(Map<String, Tensor> tensors, String part) {
    return tensors.keySet().stream().filter(n -> n.contains(part)).findFirst().orElseThrow();
  }

  @Test
  void everyAdapterThatPeftSavedIsWhole() throws IOException {
    for (String name : GoldenAdapters.names()) {
      assertDoesNotThrow(() -> AdapterCheck.requireWhole(GoldenAdapters.path(name)), name);
    }
  }

  @Test
  void whatIsMissingOrContradictsItselfIsNamed() {
    String alone = fault(t -> t.remove(first(t, "lora_B")), c -> {});
    assertTrue(alone.contains("has no lora_B"), alone);
    String rank = fault(t -> {}, c -> c.put("r", 99).remove("rank_pattern"));
    assertTrue(rank.contains("adapter_config.json says 99"), rank);
    String product =
        fault(
            t -> {
              String b = first(t, "lora_B");
              t.put(b, t.get(b).narrow(1, 0, 1));
            },
            c -> {});
    assertTrue(product.contains("make no product"), product);
    String type = fault(t -> {}, c -> c.put("peft_type", "PROMPT_TUNING"));
    assertTrue(type.contains("peft_type"), type);
  }

  @Test
  void numbersThatAreNoneAreFound() {
    String message =
        fault(
            t -> {
              String a = first(t, "lora_A");
              t.put(a, t.get(a).mul(Double.POSITIVE_INFINITY));
            },
            c -> {});
    assertTrue(message.contains("lora_A"), message);
  }

  @Test
  void aFileThatIsCutShortIsFound() throws IOException {
    GoldenAdapters.rewrite(WHOLE, directory, t -> {});
    Path weights = directory.resolve("adapter_model.safetensors");
    byte[] all = Files.readAllBytes(weights);
    Files.write(weights, java.util.Arrays.copyOf(all, all.length - 5));
    assertThrows(InputFault.class, () -> AdapterCheck.requireWhole(directory));
    Files.delete(weights);
    assertThrows(InputFault.class, () -> AdapterCheck.requireWhole(directory));
  }
}
