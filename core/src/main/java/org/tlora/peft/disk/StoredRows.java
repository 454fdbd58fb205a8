/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import org.tlora.engine.Tensor;

/**
 * Vectors of some tokens that an adapter brings.
 *
 * @param table the table's module, or null: the one table that tied ones are
 * @param values [ids, hidden] float32, owned by this
 */
record StoredRows(String table, int[] ids, Tensor values) implements AutoCloseable {
  StoredRows {
    values.detachFromScope();
  }

  /** The least vocabulary that has all of them. */
  int end() {
    int end = 0;
    for (int id : ids) {
      end = Math.max(end, id + 1);
    }
    return end;
  }

  @Override
  public void close() {
    values.close();
  }
}
