/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Both kinds of loops give the same bits, interpreted and compiled alike: each is gone through
 * often enough for that.
 */
class LoopsTest {
  private static final int ROUNDS = 30_000;
  private final Loops plain = Loops.plain();
  private final Loops vector = Loops.fastest();
  private final Random random = new Random(7);

  /** These tests are of vectors only where there are any; then they must be what is taken. */
  @Test
  void theModuleIsUsedWhereItIsThere() {
    assertEquals(
        ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
            && VectorLoops.isSupported(),
        vector.isVector());
    assertFalse(plain.isVector());
  }

  private interface Call {
    void on(Loops loops, byte[] in, float[] out);
  }

  /** A call on random bytes gives equal bits, and writes nothing else. */
  private void agree(int bytes, int numbers, Call call) {
    byte[] in = new byte[bytes + 16];
    float[] expected = new float[numbers + 8];
    float[] actual = new float[numbers + 8];
    for (int round = 0; round < ROUNDS; round++) {
      random.nextBytes(in);
      Arrays.fill(expected, Float.NaN);
      Arrays.fill(actual, Float.NaN);
      call.on(plain, in, expected);
      call.on(vector, in, actual);
      if (!Arrays.equals(expected, actual)) { // Float.equals: of bits, so that −0 is not 0
        assertArrayEquals(expected, actual, "round " + round);
      }
      assertTrue(Float.isNaN(actual[0]) && Float.isNaN(actual[numbers + 7]), "beyond its end");
    }
  }

  private float scale() {
    return (float) random.nextGaussian() * (random.nextInt(20) == 0 ? 0 : 1);
  }

  @Test
  void halvesOfBytesAreTheSame() {
    for (int n : new int[] {16, 32}) {
      agree(
          n,
          2 * n,
          new Call() {
            private float[] s = new float[4];

            @Override
            public void on(Loops loops, byte[] in, float[] out) {
              s = loops.isVector() ? s : new float[] {scale(), scale(), scale(), scale()};
              loops.nibbles(in, 5, n, s[0], s[1], s[2], s[3], out, 3);
            }
          });
    }
    agree(16, 32, (loops, in, out) -> loops.signedNibbles(in, 3, 16, -0.37f, out, 3));
  }

  @Test
  void fifthBitsAreTheSame() {
    agree(
        20,
        32,
        (loops, in, out) ->
            loops.nibblesWithFifth(
                in, 4, in[0] << 24 | in[1] << 12 | in[2], 16, -0.4f, -0f, out, 3));
    agree(
        20,
        32,
        (loops, in, out) ->
            loops.nibblesWithFifth(in, 4, in[0] << 24 | in[1] << 12 | in[2], 0, .3f, -1f, out, 1));
  }

  @Test
  void bitsOfOtherBytesAreTheSame() {
    for (int shift : new int[] {0, 4}) {
      for (int bit = 0; bit < 8; bit++) {
        int top = bit;
        agree(
            72,
            32,
            (loops, in, out) -> loops.joined(in, 1, shift, 38, top, 1, 32, 0, 0.3f, -0.1f, out, 2));
        agree(
            72,
            16,
            (loops, in, out) ->
                loops.joined(in, 1, shift, 38, top & 6, 3, 16, 32, -0.3f, -0f, out, 2));
      }
    }
  }

  @Test
  void bytesAndPairsAreTheSameOfEveryLength() {
    float[] levels = new float[16];
    for (int i = 0; i < 16; i++) {
      levels[i] = (float) random.nextGaussian();
    }
    for (int n : new int[] {1, 7, 8, 15, 16, 17, 32, 47}) {
      agree(n, n, (loops, in, out) -> loops.bytes(in, 3, n, -0.21f, out, 4));
      agree(n, 2 * n, (loops, in, out) -> loops.pairs(in, 3, n, levels, -0.21f, out, 4));
    }
  }

  @Test
  void roundingIsTheSame() {
    for (int n : new int[] {1, 16, 37}) {
      agree(
          4 * n,
          n,
          (loops, in, out) -> {
            fill(in, n, out);
            loops.roundToBfloat16(out, n);
            keepEnds(out, n);
          });
      agree(
          4 * n,
          n,
          (loops, in, out) -> {
            fill(in, n, out);
            loops.roundToHalf(out, n);
            keepEnds(out, n);
          });
    }
  }

  /** Any finite numbers, and more often such as half precision has. */
  private static void fill(byte[] in, int n, float[] out) {
    for (int i = 0; i < n; i++) {
      int bits = (in[4 * i] << 24) ^ (in[4 * i + 1] << 16) ^ (in[4 * i + 2] << 8) ^ in[4 * i + 3];
      float x = Float.intBitsToFloat(bits);
      out[i] =
          Float.isFinite(x) && (bits & 1) == 0
              ? x
              : Math.scalb(1 + (bits & 0xffff) * 0x1p-16f, (bits >> 20) % 30);
    }
  }

  private static void keepEnds(float[] out, int n) {
    out[n + 7] = Float.NaN;
    for (int i = n; i < out.length; i++) {
      assertTrue(Float.isNaN(out[i]));
    }
    System.arraycopy(out, 0, out, 1, n);
    out[0] = Float.NaN;
  }

  @Test
  void halfPrecisionIsThatOfItsDefinition() {
    float[][] cases = {
      {1, 1},
      {1 + 0x1p-11f, 1},
      {1 + 3 * 0x1p-11f, 1 + 0x1p-9f},
      {65504, 65504},
      {65519, 65504},
      {65520, Float.POSITIVE_INFINITY},
      {0x1p-24f, 0x1p-24f},
      {0x1p-25f, 0},
      {0x1.8p-24f, 0x1p-23f},
      {-0x1p-25f, -0f},
      {0x1.ffep-15f, 0x1p-14f}
    };
    for (Loops loops : new Loops[] {plain, vector}) {
      for (float[] c : cases) {
        float[] x = new float[40];
        Arrays.fill(x, c[0]);
        loops.roundToHalf(x, 40);
        float[] expected = new float[40];
        Arrays.fill(expected, c[1]);
        assertArrayEquals(expected, x, "of " + c[0]);
      }
    }
  }

  @Test
  void productsAreEqualUpToTheOrderOfTheirSums() {
    for (int n : new int[] {0, 1, 15, 31, 32, 33, 576}) {
      for (int count = 0; count < 10; count++) {
        for (int round = 0; round < 100; round++) {
          productsAgree(n, count);
        }
      }
    }
  }

  private void productsAgree(int n, int count) {
    float[] w = gaussian(n);
    float[] x = gaussian(n * count);
    float[] expected = new float[count];
    float[] actual = new float[count];
    plain.dots(w, x, n, count, expected);
    vector.dots(w, x, n, count, actual);
    for (int i = 0; i < count; i++) {
      double exact = 0;
      double size = 0;
      for (int j = 0; j < n; j++) {
        exact += (double) w[j] * x[i * n + j];
        size += Math.abs((double) w[j] * x[i * n + j]);
      }
      assertEquals(exact, expected[i], 1e-5 * size);
      assertEquals(exact, actual[i], 1e-5 * size);
    }
  }

  private float[] gaussian(int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }
}
