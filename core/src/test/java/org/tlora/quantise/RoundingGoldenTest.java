/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.engine.DType;
import org.tlora.engine.DenseRows;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.format.Safetensors;
import org.tlora.golden.Shared;

/** Rounding gives the bytes that bitsandbytes writes. */
class RoundingGoldenTest {
  private static Safetensors golden(String name) {
    return Safetensors.open(Shared.path("golden/next/nf4/" + name + ".safetensors"));
  }

  @ParameterizedTest
  @CsvSource({
    "NF4, nf4_64, false",
    "NF4, nf4_64_nested, true",
    "FP4, fp4_64, false",
    "FP4, fp4_64_nested, true"
  })
  void codesAndScalesAreThoseOfTheReference(FourBitType type, String name, boolean nested) {
    try (Safetensors matrices = golden("matrices");
        Safetensors expected = golden(name);
        Safetensors numbers = golden(name + ".dequantised")) {
      for (String matrix : numbers.names()) {
        try (Scope scope = new Scope();
            FourBitMatrix rounded =
                FourBitMatrix.of(
                    type, DenseRows.of(matrices.load(matrix, DType.FLOAT32)), nested)) {
          byte[] want = bytes(expected.loadBytes(matrix + ".weight"));
          byte[] got = bytes(rounded.packed());
          if (type == FourBitType.FP4) { // whose codes 0 and 8 are both zero
            plusZero(want);
            plusZero(got);
          }
          assertArrayEquals(want, got, matrix);
          byte[] scales = bytes(expected.loadBytes(matrix + ".weight.absmax"));
          assertArrayEquals(scales, bytes(rounded.absMax().codes()), "scales of " + matrix);
          Tensor all = Tensor.empty(Device.CPU, DType.FLOAT32, rounded.rows(), rounded.columns());
          rounded.expand(0, all);
          assertArrayEquals(
              numbers.load(matrix, DType.FLOAT32).toFloats(), all.toFloats(), 1e-6f, matrix);
        }
      }
    }
  }

  private static byte[] bytes(Tensor t) {
    ByteBuffer b = t.bytes();
    byte[] all = new byte[b.remaining()];
    b.get(all);
    return all;
  }

  private static void plusZero(byte[] packed) {
    for (int i = 0; i < packed.length; i++) {
      int high = packed[i] >> 4 & 15;
      int low = packed[i] & 15;
      packed[i] = (byte) (((high == 8 ? 0 : high) << 4) | (low == 8 ? 0 : low));
    }
  }

  @Test
  void levelsAreThoseOfTheReferencesFiles() {
    try (Safetensors nested = golden("nf4_64_nested");
        Safetensors fp4 = golden("fp4_64");
        Scope scope = new Scope()) {
      float[] map = nested.load("a.weight.nested_quant_map", DType.FLOAT32).toFloats();
      assertArrayEquals(map, DynamicMap.signed());
      assertArrayEquals(
          nested.load("a.weight.quant_map", DType.FLOAT32).toFloats(), FourBitType.NF4.levels());
      float[] levels = fp4.load("a.weight.quant_map", DType.FLOAT32).toFloats();
      for (int i = 0; i < 16; i++) {
        assertEquals(levels[i] + 0f, FourBitType.FP4.levels()[i] + 0f, "code " + i);
      }
    }
  }
}
