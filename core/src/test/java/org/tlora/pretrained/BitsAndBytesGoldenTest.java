/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.engine.CodedMatrix;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.format.Safetensors;
import org.tlora.format.ShardedSafetensors;
import org.tlora.golden.Expect;
import org.tlora.golden.Shared;

/** Matrices that bitsandbytes wrote come back as it brings them back. */
class BitsAndBytesGoldenTest {
  @TempDir private Path directory;

  private BitsAndBytesWeights open(String name) throws IOException {
    Files.copy(
        Shared.path("golden/next/nf4/" + name + ".safetensors"),
        directory.resolve("model.safetensors"));
    return new BitsAndBytesWeights(directory, ShardedSafetensors.open(directory));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nf4_64",
        "nf4_64_nested",
        "nf4_128",
        "nf4_128_nested",
        "fp4_64",
        "fp4_64_nested",
        "fp4_128",
        "fp4_128_nested"
      })
  void everyFormBecomesTheNumbersOfTheReference(String name) throws IOException {
    try (BitsAndBytesWeights weights = open(name);
        Safetensors expected =
            Safetensors.open(Shared.path("golden/next/nf4/" + name + ".dequantised.safetensors"))) {
      assertEquals(expected.names().size(), weights.codedNames().size());
      for (String matrix : expected.names()) {
        try (Scope scope = new Scope()) {
          String weight = matrix + ".weight";
          assertArrayEquals(expected.shape(matrix), weights.shape(weight), matrix);
          float[] want = expected.load(matrix, DType.FLOAT32).toFloats();
          float[] got = weights.load(weight, DType.FLOAT32).toFloats();
          for (int i = 0; i < want.length; i++) {
            Expect.relative(want[i], got[i], 1e-6, 1e-12, matrix + " number " + i);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nf4_64_nested_bfloat16",
        "nf4_64_float16",
        "nf4_64_nested_storage_float32",
        "nf4_64_storage_bfloat16"
      })
  void numbersOfHalfPrecisionComeBackInIt(String name) throws IOException {
    try (BitsAndBytesWeights weights = open(name);
        Safetensors expected =
            Safetensors.open(Shared.path("golden/next/nf4/" + name + ".dequantised.safetensors"))) {
      for (String weight : weights.codedNames()) {
        try (Scope scope = new Scope()) {
          String matrix = weight.substring(0, weight.length() - ".weight".length());
          float[] want = expected.load(matrix + ".rounded", DType.FLOAT32).toFloats();
          assertArrayEquals(want, weights.load(weight, DType.FLOAT32).toFloats(), matrix);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"nf4_64", "nf4_64_nested", "fp4_128_nested"})
  void anyRowsAreThoseOfTheWhole(String name) throws IOException {
    try (BitsAndBytesWeights weights = open(name);
        Scope scope = new Scope()) {
      for (String weight : weights.codedNames()) {
        Tensor all = weights.load(weight, DType.FLOAT32);
        try (CodedMatrix codes = weights.coded(weight).orElseThrow()) {
          for (long from = 0; from < codes.rows(); from++) {
            long count = Math.min(3, codes.rows() - from);
            Tensor some = Tensor.empty(Device.CPU, DType.FLOAT32, count, codes.columns());
            codes.expand(from, some);
            float[] want = all.narrow(0, from, count).toFloats();
            assertArrayEquals(want, some.toFloats(), weight + " from row " + from);
          }
        }
      }
    }
  }
}
