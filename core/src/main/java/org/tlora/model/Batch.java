/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.Arrays;
import java.util.List;
import org.tlora.data.Encoded;

/**
 * Rows joined end to end without padding. Attention is kept within each row and positions start
 * again with it, so the loss is the same as that of a padded batch.
 *
 * @param ids [tokens]
 * @param lengths tokens of each row
 * @param secondFrom where in each row its second text starts; its length where there is none
 * @param targets positions in {@code ids} that something is predicted from: the next token, or the
 *     label of a whole row (from its first token)
 * @param labels what to predict at each target: a token, the number of a class, or a value
 */
public record Batch(int[] ids, int[] lengths, int[] secondFrom, int[] targets, double[] labels) {
  /** Packs rows in their order. */
  public static Batch of(List<? extends Encoded> rows) {
    int total = rows.stream().mapToInt(r -> r.ids().length).sum();
    int supervised = rows.stream().mapToInt(Encoded::supervisedTokens).sum();
    Batch batch =
        new Batch(
            new int[total],
            new int[rows.size()],
            new int[rows.size()],
            new int[supervised],
            new double[supervised]);
    int at = 0;
    int[] next = {0};
    for (int r = 0; r < rows.size(); r++) {
      Encoded row = rows.get(r);
      int length = row.ids().length;
      int offset = at;
      System.arraycopy(row.ids(), 0, batch.ids, at, length);
      batch.lengths[r] = length;
      batch.secondFrom[r] = row.secondFrom();
      row.targets(
          (position, label) -> {
            batch.targets[next[0]] = offset + position;
            batch.labels[next[0]++] = label;
          });
      at += length;
    }
    return batch;
  }

  /** Real tokens. */
  public int tokens() {
    return ids.length;
  }

  /** The labels as the tokens or classes that they are. */
  public int[] classes() {
    return Arrays.stream(labels).mapToInt(label -> (int) label).toArray();
  }
}
