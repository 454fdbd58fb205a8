/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.reproduce;

import java.math.BigInteger;

/**
 * The order in which NumPy's {@code default_rng(seed).permutation(n)} puts numbers: by it Hugging
 * Face's {@code Dataset.shuffle(seed)} picks rows, and so the published scripts those they
 * calibrate on. The generator is PCG64 (O'Neill; XSL-RR with 128 bits of state) behind NumPy's seed
 * sequence (its NEP 19 and random/bit_generator.pyx say how).
 */
final class NumpyPermutation {
  private static final BigInteger MULTIPLIER =
      new BigInteger("2360ED051FC65DA44385DF649FCCF645", 16);
  private static final BigInteger MASK = BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE);
  private static final int WORDS = 4;

  private BigInteger state;
  private final BigInteger increment;
  private long kept;
  private boolean hasKept;

  private NumpyPermutation(int seed) {
    long[] s = seeds(seed);
    increment = whole(s[2], s[3]).shiftLeft(1).setBit(0).and(MASK);
    state = BigInteger.ZERO;
    step();
    state = state.add(whole(s[0], s[1])).and(MASK);
    step();
  }

  /**
   * The numbers from 0 to below {@code n} in that order.
   *
   * @param seed not negative
   */
  static int[] of(int seed, int n) {
    NumpyPermutation random = new NumpyPermutation(seed);
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    for (int i = n - 1; i > 0; i--) {
      int j = (int) random.upTo(i);
      int other = order[i];
      order[i] = order[j];
      order[j] = other;
    }
    return order;
  }

  private static BigInteger whole(long high, long low) {
    return unsigned(high).shiftLeft(64).or(unsigned(low));
  }

  private static BigInteger unsigned(long value) {
    return new BigInteger(Long.toUnsignedString(value));
  }

  private void step() {
    state = state.multiply(MULTIPLIER).add(increment).and(MASK);
  }

  private long next64() {
    step();
    long high = state.shiftRight(64).longValue();
    return Long.rotateRight(high ^ state.longValue(), (int) (high >>> 58));
  }

  /** 32 bits: the lower half of 64, then the upper one. */
  private long next32() {
    if (hasKept) {
      hasKept = false;
      return kept;
    }
    long both = next64();
    kept = both >>> 32;
    hasKept = true;
    return both & 0xFFFFFFFFL;
  }

  /** Uniform within 0…most: the lower bits that are enough for that, drawn until they fit. */
  private long upTo(long most) {
    long mask = (Long.highestOneBit(most) << 1) - 1;
    long value = next32() & mask;
    while (value > most) {
      value = next32() & mask;
    }
    return value;
  }

  /** What a seed becomes: four words of 64 bits. */
  private static long[] seeds(int seed) {
    int[] pool = new int[WORDS];
    int[] hash = {0x43b0d7e5};
    for (int i = 0; i < WORDS; i++) {
      pool[i] = hashed(i == 0 ? seed : 0, hash);
    }
    for (int from = 0; from < WORDS; from++) {
      for (int to = 0; to < WORDS; to++) {
        if (from != to) {
          pool[to] = mixed(pool[to], hashed(pool[from], hash));
        }
      }
    }
    int constant = 0x8b51f9dd;
    long[] words = new long[WORDS];
    for (int i = 0; i < 2 * WORDS; i++) {
      int value = pool[i % WORDS] ^ constant;
      constant *= 0x58f38ded;
      value *= constant;
      value ^= value >>> 16;
      words[i / 2] |= (value & 0xFFFFFFFFL) << (32 * (i % 2));
    }
    return words;
  }

  private static int hashed(int value, int[] constant) {
    int v = value ^ constant[0];
    constant[0] *= 0x931e8875;
    v *= constant[0];
    return v ^ (v >>> 16);
  }

  private static int mixed(int x, int y) {
    int v = 0xca01f9dd * x - 0x4973f715 * y;
    return v ^ (v >>> 16);
  }
}
