/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlora.engine.DType;
import org.tlora.golden.Shared;
import org.tlora.model.CausalLm;
import org.tlora.pretrained.ModelContents.Part;

/** Each weight is counted once, as a part of what it is of. */
class ModelContentsTest {
  static Stream<Path> families() throws IOException {
    try (Stream<Path> all = Files.list(Shared.path("golden/families"))) {
      return all.filter(d -> Files.exists(d.resolve("config.json"))).sorted().toList().stream();
    }
  }

  /** As many as the model has in memory, of which each is a parameter of something. */
  @ParameterizedTest
  @MethodSource("families")
  void partsTogetherAreTheModel(Path directory) {
    try (PretrainedModel files = PretrainedModel.open(directory)) {
      ModelContents seen = ModelContents.of(files);
      Map<Part, Long> parts = seen.parameters();
      assertTrue(parts.get(Part.EMBEDDING) > 0 && parts.get(Part.ATTENTION) > 0, "" + parts);
      assertTrue(parts.get(Part.MLP) > 0 && parts.get(Part.NORMS) > 0, "" + parts);
      if (files.isEncoder()) {
        assertFalse(parts.containsKey(Part.OUTPUT), "" + parts);
        return;
      }
      assertEquals(!files.decoder().tiedEmbeddings(), parts.containsKey(Part.OUTPUT), "" + parts);
      try (CausalLm model = files.load(DType.FLOAT32)) {
        assertEquals(model.parameterCount(), seen.allParameters());
      }
      long mlp = 3L * files.decoder().layers() * files.decoder().hiddenSize();
      assertEquals(
          0, (parts.get(Part.MLP) - biases(files)) % (mlp * files.decoder().intermediateSize()));
    }
  }

  private static long biases(PretrainedModel files) {
    return files.weights().names().stream()
        .filter(n -> n.contains(".mlp.") && n.endsWith(".bias"))
        .mapToLong(n -> files.weights().shape(n)[0])
        .sum();
  }

  @Test
  void tiedTablesOfBlocksAreCountedOnce() {
    Path file = Shared.path("models/SmolLM2-135M-Instruct.Q4_1.gguf");
    try (PretrainedModel files = PretrainedModel.open(file)) {
      ModelContents seen = ModelContents.of(files);
      assertEquals(134_515_008, seen.allParameters());
      assertEquals(49_152L * 576, seen.parameters().get(Part.EMBEDDING));
      assertFalse(seen.parameters().containsKey(Part.OUTPUT));
      assertEquals(Optional.of("Q4_1"), seen.codes());
      // 20 bytes hold 32 numbers, and 34 bytes of the other
      assertEquals(
          seen.allParameters() - 35_136,
          seen.bytes().get("Q4_1") * 32 / 20 + seen.bytes().get("Q8_0") * 32 / 34);
    }
  }

  /** Codes of bitsandbytes take what they take with their scales, under the matrix's own shape. */
  @ParameterizedTest
  @CsvSource({"tiny-llama-bnb-4bit, nf4, 2", "tiny-llama-bnb-8bit, int8, 1.5"})
  void codesAreCountedAsTheNumbersThatTheyStandFor(String name, String codes, double least) {
    try (PretrainedModel files = PretrainedModel.open(Shared.path("golden/next/nf4/" + name));
        PretrainedModel plain = PretrainedModel.open(Shared.path("golden/tiny-llama"))) {
      ModelContents seen = ModelContents.of(files);
      assertEquals(Optional.of(codes), seen.codes(), "" + seen.bytes());
      ModelContents numbers = ModelContents.of(plain);
      assertEquals(numbers.parameters(), seen.parameters());
      assertEquals(Optional.empty(), numbers.codes());
      assertEquals(4 * numbers.allParameters(), numbers.allBytes());
      assertTrue(seen.allBytes() * least < numbers.allBytes(), seen.bytes() + "");
    }
  }
}
