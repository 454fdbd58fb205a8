/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.Arrays;
import org.tlora.autograd.Parameter;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * Rows of a vocabulary's table that train by themselves while the rest of it is frozen: those of
 * some tokens.
 */
public final class TokenRows implements AutoCloseable {
  private final int[] ids;
  private final int[] place; // of each token of the table in ids, or −1
  private final Parameter values;

  /**
   * Starts from the rows as they are in the table.
   *
   * @param ids without duplicates, all of them in the table
   * @param table [vocabulary, hidden]
   */
  TokenRows(String module, int[] ids, Tensor table) {
    this.ids = ids.clone();
    place = new int[Math.toIntExact(table.size(0))];
    Arrays.fill(place, -1);
    for (int i = 0; i < ids.length; i++) {
      place[ids[i]] = i;
    }
    try (Scope scope = new Scope()) {
      Tensor rows = table.indexSelect(0, table.newInts(ids)).to(DType.FLOAT32).copy();
      values = new Parameter(module + ".token_adapter.trainable_tokens_delta", rows);
    }
  }

  /** The tokens. */
  public int[] ids() {
    return ids.clone();
  }

  /** Their vectors, [ids, hidden] float32. */
  public Parameter values() {
    return values;
  }

  /** Whether all of some tokens are among them. */
  boolean hasAll(int[] tokens) {
    return Arrays.stream(tokens).allMatch(t -> t < place.length && place[t] >= 0);
  }

  /** Puts the vectors as they are now into the table. */
  void copyInto(Tensor table) {
    try (Scope scope = new Scope()) {
      table.indexCopyInPlace(0, table.newInts(ids), values.value().to(table.dtype()));
    }
  }

  /**
   * Adds what a lookup of {@code tokens} leaves.
   *
   * @param padToken whose vector does not train this way, or −1
   * @param dy [tokens, hidden]
   */
  void accumulateLookup(int[] tokens, int padToken, Tensor dy) {
    int[] at = new int[tokens.length];
    int[] row = new int[tokens.length];
    int n = 0;
    for (int i = 0; i < tokens.length; i++) {
      if (place[tokens[i]] >= 0 && tokens[i] != padToken) {
        at[n] = i;
        row[n++] = place[tokens[i]];
      }
    }
    if (n == 0) {
      return;
    }
    try (Scope scope = new Scope()) {
      Tensor g = dy.newZeros(DType.FLOAT32, values.value().shape());
      Tensor rows = dy.indexSelect(0, dy.newInts(Arrays.copyOf(at, n))).to(DType.FLOAT32);
      g.indexAddInPlace(0, dy.newInts(Arrays.copyOf(row, n)), rows);
      values.accumulate(g);
    }
  }

  /**
   * Adds what a projection onto the vocabulary leaves.
   *
   * @param dz ∂loss/∂logits [n, vocabulary]
   * @param h [n, hidden]
   */
  void accumulateProjection(Tensor dz, Tensor h) {
    try (Scope scope = new Scope()) {
      values.accumulate(dz.indexSelect(1, dz.newInts(ids)).t().mm(h));
    }
  }

  @Override
  public void close() {
    values.close();
  }
}
