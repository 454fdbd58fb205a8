/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;
import org.tlora.data.Encoded;

/**
 * Rows as often as their file's weight says: each whole part of it is another look at every row,
 * the rest a look at a part of them, spread evenly over the file.
 */
public final class WeightedRows extends AbstractList<Encoded> implements RandomAccess {
  private final List<Encoded> rows;
  private int[] indices = new int[16];
  private int size;

  /** Over these rows, none of which counts yet. */
  public WeightedRows(List<Encoded> rows) {
    this.rows = rows;
  }

  /**
   * Adds the rows from {@code from} up to {@code to}.
   *
   * @return whether the weight leaves any
   */
  public boolean add(int from, int to, double weight) {
    long all = Math.round((to - from) * weight);
    for (long i = 0; i < all; i++) {
      if (size == indices.length) {
        indices = Arrays.copyOf(indices, 2 * size);
      }
      indices[size++] = from + (int) (i / weight) % (to - from);
    }
    return all > 0;
  }

  /** Which of the rows without weights comes at {@code index}. */
  int rowAt(int index) {
    return indices[index];
  }

  @Override
  public Encoded get(int index) {
    return rows.get(indices[index]);
  }

  @Override
  public int size() {
    return size;
  }
}
