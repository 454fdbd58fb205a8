/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The two sets of sixteen levels that bitsandbytes writes weights with. Numbers are divided by the
 * greatest magnitude of their block and then take the nearest level, of two that are as near the
 * one with the smaller code.
 */
@SuppressWarnings("ImmutableEnumChecker") // its arrays are never given away
public enum FourBitType {
  /** Levels that a normal distribution fills evenly (QLoRA, arXiv 2305.14314). */
  NF4(
      -1.0f,
      -0.6961928f,
      -0.52507305f,
      -0.3949175f,
      -0.28444138f,
      -0.18477343f,
      -0.091050036f,
      0.0f,
      0.0795803f,
      0.1609302f,
      0.2461123f,
      0.33791524f,
      0.44070983f,
      0.562617f,
      0.72295684f,
      1.0f),
  /** Four-bit floats: a sign, two bits of an exponent and one of a fraction, by 12. */
  FP4(
      0.0f,
      0.0052083335f,
      0.6666667f,
      1.0f,
      0.33333334f,
      0.5f,
      0.16666667f,
      0.25f,
      -0.0f,
      -0.0052083335f,
      -0.6666667f,
      -1.0f,
      -0.33333334f,
      -0.5f,
      -0.16666667f,
      -0.25f);

  /** Cells that numbers from −1 to 1 are divided into; no two borders of levels share one. */
  private static final int CELLS = 4096;

  private final float[] levels;
  private final byte[] below = new byte[CELLS + 1]; // a cell's code up to its border
  private final byte[] above = new byte[CELLS + 1]; // and beyond
  private final float[] border = new float[CELLS + 1];

  FourBitType(float... levels) {
    this.levels = levels;
    // codes by their levels, of which each counts once
    int[] codes =
        IntStream.range(0, levels.length)
            .filter(i -> i == 0 || levels[i] != 0 || levels[0] != 0)
            .boxed()
            .sorted((a, b) -> Float.compare(levels[a], levels[b]))
            .mapToInt(i -> i)
            .toArray();
    int at = 0;
    for (int cell = 0; cell <= CELLS; cell++) {
      while (at + 1 < codes.length && cell(between(codes, at)) < cell) {
        at++;
      }
      boolean divided = at + 1 < codes.length && cell(between(codes, at)) == cell;
      below[cell] = (byte) codes[at];
      above[cell] = (byte) codes[divided ? at + 1 : at];
      border[cell] = divided ? between(codes, at) : 1;
    }
  }

  private float between(int[] codes, int i) {
    return (levels[codes[i]] + levels[codes[i + 1]]) / 2;
  }

  private static int cell(float x) {
    return (int) (x * (CELLS / 2) + CELLS / 2);
  }

  /** The name in files and options, in small letters. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  /** The type of a name, if there is one. */
  public static Optional<FourBitType> named(String label) {
    return Arrays.stream(values()).filter(t -> t.label().equals(label)).findFirst();
  }

  /** What each code stands for; a copy. */
  public float[] levels() {
    return levels.clone();
  }

  /**
   * The code of the nearest level.
   *
   * @param x from −1 to 1
   */
  int nearest(float x) {
    int cell = Math.max(0, Math.min(CELLS, cell(x)));
    return x > border[cell] ? above[cell] : below[cell];
  }
}
