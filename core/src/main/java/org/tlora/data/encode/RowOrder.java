/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import java.util.Arrays;
import java.util.Random;

/** In which order rows are seen: each epoch once, shuffled by its own seed or as they stand. */
public final class RowOrder {
  private final int rows;
  private final boolean shuffle;
  private final long seed;
  private long epoch = -1;
  private int[] order = new int[0];

  /** An order over {@code rows} rows. */
  public RowOrder(int rows, boolean shuffle, long seed) {
    this.rows = rows;
    this.shuffle = shuffle;
    this.seed = seed;
  }

  /** The row that comes at {@code position}, counted through all epochs. */
  public int rowAt(long position) {
    return rowAt(position / rows, (int) (position % rows));
  }

  /** The row that comes at {@code index} of an epoch; both count from 0. */
  public int rowAt(long wanted, int index) {
    if (wanted != epoch) {
      epoch = wanted;
      order = orderOf(wanted);
    }
    return order[index];
  }

  private int[] orderOf(long epochNumber) {
    int[] indices = new int[rows];
    Arrays.setAll(indices, i -> i);
    if (shuffle) {
      // Random's algorithm is part of the Java specification, so the order is the same everywhere
      Random random = new Random(org.tlora.engine.Random.mix(seed, epochNumber));
      for (int i = rows - 1; i > 0; i--) {
        int j = random.nextInt(i + 1);
        int t = indices[i];
        indices[i] = indices[j];
        indices[j] = t;
      }
    }
    return indices;
  }
}
