/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise;

import java.util.Arrays;

/**
 * The 256 levels of bitsandbytes' dynamic numbers of eight bits (arXiv 2110.02861): the further
 * down the decade, the fewer steps it has.
 */
final class DynamicMap {
  private static final int DECADES = 7;

  private DynamicMap() {}

  /** Both signs, 0 and 1, ascending. */
  static float[] signed() {
    float[] map = new float[256];
    int at = 0;
    for (int decade = 0; decade < DECADES; decade++) {
      int steps = 1 << decade;
      float power = (float) Math.pow(10, decade - (DECADES - 1));
      float step = 0.9f / steps;
      for (int i = 0; i < steps; i++) {
        float mean = (border(i, steps, step) + border(i + 1, steps, step)) / 2;
        map[at++] = power * mean;
        map[at++] = -power * mean;
      }
    }
    map[at++] = 0;
    map[at] = 1;
    Arrays.sort(map);
    return map;
  }

  /** A border between steps from 0.1 to 1, as libtorch's linspace rounds: from the nearer end. */
  private static float border(int i, int steps, float step) {
    return i < (steps + 1) / 2 ? Math.fma(step, i, 0.1f) : Math.fma(-step, steps - i, 1f);
  }

  /** The code of the nearest level; of two that are as near, the lower. */
  static int nearest(float[] map, float x) {
    int found = Arrays.binarySearch(map, x);
    if (found >= 0) {
      return found;
    }
    int above = -found - 1;
    if (above == 0 || above == map.length) {
      return above == 0 ? 0 : map.length - 1;
    }
    return x - map[above - 1] <= map[above] - x ? above - 1 : above;
  }
}
