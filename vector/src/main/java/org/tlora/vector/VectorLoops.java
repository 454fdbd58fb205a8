/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.vector;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Eight or sixteen numbers at once, by the processor's registers of 256 or 512 bits. Bytes are
 * widened with their sign and masked: widening without a sign fails in JDK 17.
 */
final class VectorLoops implements Loops {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final int LANES = FLOATS.length();
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(8, LANES) * 8));

  /** 0, 1, 2, … */
  private static final IntVector INDEX = IntVector.zero(INTS).addIndex(1);

  /** 4, 0, 4, 0, …: the high half of a byte comes first. */
  private static final IntVector HALVES = INDEX.and(1).neg().add(1).mul(4);

  /** Each byte of a vector's first half twice, and of its second. */
  private static final VectorShuffle<Byte> FIRST = VectorShuffle.fromOp(BYTES, i -> i / 2);

  private static final VectorShuffle<Byte> SECOND =
      VectorShuffle.fromOp(BYTES, i -> BYTES.length() / 2 + i / 2);

  /** Whether registers are as wide as these loops are written for. */
  static boolean isSupported() {
    return LANES == 8 || LANES == 16;
  }

  @Override
  public boolean isVector() {
    return true;
  }

  private static IntVector ints(byte[] in, int at) {
    return ints(ByteVector.fromArray(BYTES, in, at));
  }

  private static IntVector ints(ByteVector bytes) {
    return (IntVector) bytes.convertShape(VectorOperators.B2I, INTS, 0);
  }

  private static FloatVector floats(IntVector q) {
    return (FloatVector) q.convert(VectorOperators.I2F, 0);
  }

  private static IntVector high(IntVector bytes) {
    return bytes.lanewise(VectorOperators.LSHR, 4).and(15);
  }

  @Override
  public void nibbles(
      byte[] in,
      int at,
      int n,
      float lowScale,
      float lowAdd,
      float highScale,
      float highAdd,
      float[] out,
      int to) {
    for (int j = 0; j < n; j += LANES) {
      IntVector q = ints(in, at + j);
      floats(q.and(15)).mul(lowScale).add(lowAdd).intoArray(out, to + j);
      floats(high(q)).mul(highScale).add(highAdd).intoArray(out, to + n + j);
    }
  }

  @Override
  public void signedNibbles(byte[] in, int at, int n, float scale, float[] out, int to) {
    for (int j = 0; j < n; j += LANES) {
      IntVector q = ints(in, at + j);
      floats(q.and(15).sub(8)).mul(scale).intoArray(out, to + j);
      floats(high(q).sub(8)).mul(scale).intoArray(out, to + n + j);
    }
  }

  @Override
  public void nibblesWithFifth(
      byte[] in, int at, int fifth, int zero, float scale, float add, float[] out, int to) {
    for (int j = 0; j < 16; j += LANES) {
      IntVector q = ints(in, at + j);
      IntVector places = INDEX.add(j);
      numbers(q.and(15), bit(fifth, places), zero, scale, add).intoArray(out, to + j);
      numbers(high(q), bit(fifth, places.add(16)), zero, scale, add).intoArray(out, to + 16 + j);
    }
  }

  private static IntVector bit(int word, IntVector places) {
    return IntVector.broadcast(INTS, word).lanewise(VectorOperators.LSHR, places).and(1);
  }

  /** (low | top·16 − zero)·scale + add. */
  private static FloatVector numbers(
      IntVector low, IntVector top, int zero, float scale, float add) {
    IntVector q = top.lanewise(VectorOperators.LSHL, 4).or(low);
    return floats(q.sub(zero)).mul(scale).add(add);
  }

  @Override
  public void joined(
      byte[] in,
      int at,
      int shift,
      int top,
      int topShift,
      int topMask,
      int n,
      int zero,
      float scale,
      float add,
      float[] out,
      int to) {
    for (int j = 0; j < n; j += LANES) {
      IntVector low = ints(in, at + j).lanewise(VectorOperators.LSHR, shift).and(15);
      IntVector high = ints(in, top + j).lanewise(VectorOperators.LSHR, topShift).and(topMask);
      numbers(low, high, zero, scale, add).intoArray(out, to + j);
    }
  }

  @Override
  public void bytes(byte[] in, int at, int n, float scale, float[] out, int to) {
    int j = 0;
    for (; j <= n - LANES; j += LANES) {
      floats(ints(in, at + j)).mul(scale).intoArray(out, to + j);
    }
    for (; j < n; j++) {
      out[to + j] = in[at + j] * scale;
    }
  }

  @Override
  public void pairs(byte[] in, int at, int n, float[] levels, float scale, float[] out, int to) {
    IntVector lower = FloatVector.fromArray(FLOATS, levels, 0).reinterpretAsInts();
    IntVector upper = FloatVector.fromArray(FLOATS, levels, 16 - LANES).reinterpretAsInts();
    int j = 0;
    for (; j <= n - BYTES.length(); j += BYTES.length()) {
      ByteVector bytes = ByteVector.fromArray(BYTES, in, at + j);
      pairs(ints(bytes.rearrange(FIRST)), lower, upper).mul(scale).intoArray(out, to + 2 * j);
      pairs(ints(bytes.rearrange(SECOND)), lower, upper)
          .mul(scale)
          .intoArray(out, to + 2 * j + LANES);
    }
    for (; j < n; j++) {
      out[to + 2 * j] = levels[in[at + j] >> 4 & 15] * scale;
      out[to + 2 * j + 1] = levels[in[at + j] & 15] * scale;
    }
  }

  /** Levels of codes, of which each byte is there twice. */
  private static FloatVector pairs(IntVector bytes, IntVector lower, IntVector upper) {
    IntVector q = bytes.lanewise(VectorOperators.LSHR, HALVES).and(15);
    if (LANES == 16) {
      return q.selectFrom(lower).reinterpretAsFloats();
    }
    VectorMask<Integer> isUpper = q.compare(VectorOperators.GE, 8);
    IntVector place = q.and(7);
    return place.selectFrom(lower).blend(place.selectFrom(upper), isUpper).reinterpretAsFloats();
  }

  @Override
  public void roundToBfloat16(float[] x, int n) {
    int j = 0;
    for (; j <= n - LANES; j += LANES) {
      IntVector bits = FloatVector.fromArray(FLOATS, x, j).reinterpretAsInts();
      IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
      bits.add(0x7fff).add(odd).and(0xffff0000).reinterpretAsFloats().intoArray(x, j);
    }
    PlainLoops.bfloat16(x, j, n);
  }

  @Override
  public void roundToHalf(float[] x, int n) {
    int j = 0;
    for (; j <= n - LANES; j += LANES) {
      IntVector bits = FloatVector.fromArray(FLOATS, x, j).reinterpretAsInts();
      IntVector magnitude = bits.and(0x7fffffff);
      IntVector odd = magnitude.lanewise(VectorOperators.LSHR, 13).and(1);
      IntVector normal = magnitude.add(0xfff).add(odd).and(0xffffe000);
      IntVector small = magnitude.reinterpretAsFloats().add(0.5f).sub(0.5f).reinterpretAsInts();
      IntVector rounded = normal.blend(small, magnitude.compare(VectorOperators.LT, 0x38800000));
      rounded
          .blend(0x7f800000, rounded.compare(VectorOperators.GE, 0x47800000))
          .or(bits.and(0x80000000))
          .reinterpretAsFloats()
          .intoArray(x, j);
    }
    PlainLoops.half(x, j, n);
  }

  @Override
  public void dots(float[] w, float[] x, int n, int count, float[] sums) {
    int i = 0;
    for (; i <= count - 4; i += 4) {
      fourDots(w, x, n, i, sums);
    }
    for (; i < count; i++) {
      sums[i] = dot(w, x, i * n, n);
    }
  }

  /** Four rows at a time, so that numbers of the other factor are loaded once for all of them. */
  private static void fourDots(float[] w, float[] x, int n, int row, float[] sums) {
    int x0 = row * n;
    int x1 = x0 + n;
    int x2 = x1 + n;
    int x3 = x2 + n;
    FloatVector a = FloatVector.zero(FLOATS);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int j = 0;
    for (; j <= n - LANES; j += LANES) {
      FloatVector some = FloatVector.fromArray(FLOATS, w, j);
      a = some.fma(FloatVector.fromArray(FLOATS, x, x0 + j), a);
      b = some.fma(FloatVector.fromArray(FLOATS, x, x1 + j), b);
      c = some.fma(FloatVector.fromArray(FLOATS, x, x2 + j), c);
      d = some.fma(FloatVector.fromArray(FLOATS, x, x3 + j), d);
    }
    float sa = a.reduceLanes(VectorOperators.ADD);
    float sb = b.reduceLanes(VectorOperators.ADD);
    float sc = c.reduceLanes(VectorOperators.ADD);
    float sd = d.reduceLanes(VectorOperators.ADD);
    for (; j < n; j++) {
      sa += w[j] * x[x0 + j];
      sb += w[j] * x[x1 + j];
      sc += w[j] * x[x2 + j];
      sd += w[j] * x[x3 + j];
    }
    sums[row] = sa;
    sums[row + 1] = sb;
    sums[row + 2] = sc;
    sums[row + 3] = sd;
  }

  private static float dot(float[] w, float[] x, int at, int n) {
    FloatVector a = FloatVector.zero(FLOATS);
    FloatVector b = a;
    int j = 0;
    for (; j <= n - 2 * LANES; j += 2 * LANES) {
      a = FloatVector.fromArray(FLOATS, w, j).fma(FloatVector.fromArray(FLOATS, x, at + j), a);
      b =
          FloatVector.fromArray(FLOATS, w, j + LANES)
              .fma(FloatVector.fromArray(FLOATS, x, at + j + LANES), b);
    }
    float sum = a.add(b).reduceLanes(VectorOperators.ADD);
    for (; j < n; j++) {
      sum += w[j] * x[at + j];
    }
    return sum;
  }
}
