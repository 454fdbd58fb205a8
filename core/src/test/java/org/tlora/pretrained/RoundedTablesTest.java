/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.engine.CodedMatrix;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.format.Safetensors;
import org.tlora.model.TensorNames;
import org.tlora.model.weight.CodedWeight;
import org.tlora.model.weight.DenseWeight;
import org.tlora.quantise.Rounding;

/** Tables beside rounded layers: in the 16 bits of their file where that is worth it. */
class RoundedTablesTest {
  private static final long ROWS = 70;
  private static final long WIDTH = 64;
  private static final String LAYER = "model.layers.0.mlp.up_proj.weight";

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void write() {
    file = directory.resolve("model.safetensors");
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 3)) {
      Map<String, Safetensors.Source> all = new LinkedHashMap<>();
      Tensor tokens = random.normal(0, 1, ROWS, WIDTH).to(DType.BFLOAT16);
      Tensor head = random.normal(0, 1, ROWS, WIDTH).to(DType.FLOAT16);
      Tensor layer = random.normal(0, 1, WIDTH, WIDTH).to(DType.BFLOAT16);
      all.put(TensorNames.TOKENS, Safetensors.Source.of(tokens));
      all.put(TensorNames.HEAD, Safetensors.Source.of(head));
      all.put(LAYER, Safetensors.Source.of(layer));
      Safetensors.write(file, all, Map.of());
    }
  }

  private static RoundedWeights rounded(Safetensors file, DType type, long large) {
    return new RoundedWeights(file, Rounding.named("nf4"), type, "model", large);
  }

  @Test
  void largeOnesStayWhatTheyAreAndGiveTheSameNumbers() {
    try (Safetensors weights = Safetensors.open(file);
        Scope scope = new Scope();
        Random random = new Random(Device.CPU, 4)) {
      RoundedWeights store = rounded(weights, DType.FLOAT32, ROWS * WIDTH);
      Tensor x = random.normal(0, 1, 40, WIDTH);
      Tensor dy = random.normal(0, 1, 40, ROWS);
      for (String table : List.of(TensorNames.TOKENS, TensorNames.HEAD)) {
        CodedMatrix codes = store.coded(table).orElseThrow();
        assertEquals("16 bits", codes.code());
        assertEquals(2 * ROWS * WIDTH, codes.bytes());
        assertEquals(codes.bytes(), store.coding(table).orElseThrow().bytes());
        assertEquals(codes.code(), store.coding(table).orElseThrow().code());
        Tensor numbers = weights.load(table, DType.FLOAT32);
        try (CodedWeight held = new CodedWeight(List.of(codes), DType.FLOAT32);
            DenseWeight dense = new DenseWeight(numbers.copy())) {
          assertArrayEquals(numbers.toFloats(), held.rows(0, ROWS).toFloats(), table);
          assertArrayEquals(dense.product(x).toFloats(), held.product(x).toFloats(), 1e-5f);
          assertArrayEquals(
              dense.transposedProduct(dy).toFloats(), held.transposedProduct(dy).toFloats(), 1e-5f);
        }
      }
      try (CodedMatrix layer = store.coded(LAYER).orElseThrow()) {
        assertEquals("nf4", layer.code());
      }
    }
  }

  @Test
  void smallOnesAndThoseOfTheComputedTypeAreNumbers() {
    try (Safetensors weights = Safetensors.open(file)) {
      for (String table : List.of(TensorNames.TOKENS, TensorNames.HEAD)) {
        assertFalse(rounded(weights, DType.FLOAT32, ROWS * WIDTH + 1).isCoded(table));
        assertFalse(rounded(weights, DType.BFLOAT16, 1).isCoded(table));
        assertFalse(rounded(weights, DType.BFLOAT16, 1).coded(table).isPresent());
      }
    }
  }

  @Test
  void thoseThatAre32BitsInTheFileStayNumbers() {
    try (Safetensors weights = Safetensors.open(file);
        Scope scope = new Scope()) {
      Path other = directory.resolve("other.safetensors");
      Tensor numbers = weights.load(TensorNames.TOKENS, DType.FLOAT32);
      Safetensors.write(
          other, Map.of(TensorNames.TOKENS, Safetensors.Source.of(numbers)), Map.of());
      try (Safetensors store = Safetensors.open(other)) {
        assertFalse(rounded(store, DType.FLOAT32, 1).isCoded(TensorNames.TOKENS));
      }
    }
  }
}
