package org.tlora.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows joined end to end without padding. Attention is kept within each row and positions start
 * again with it, so the loss is the same as that of a padded batch.
 *
 * @param ids [tokens]
 * @param lengths tokens of each row
 * @param targets positions in {@code ids} whose next token is learned
 * @param labels the token to learn at each target
 */
public record PackedBatch(int[] ids, int[] lengths, int[] targets, int[] labels) {
  /** Packs rows in their order. */
  public static PackedBatch of(List<Encoded> rows) {
    int total = rows.stream().mapToInt(r -> r.ids().length).sum();
    int[] ids = new int[total];
    int[] lengths = new int[rows.size()];
    List<Integer> targets = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    int at = 0;
    for (int r = 0; r < rows.size(); r++) {
      Encoded row = rows.get(r);
      lengths[r] = row.ids().length;
      System.arraycopy(row.ids(), 0, ids, at, lengths[r]);
      for (int i = 0; i + 1 < lengths[r]; i++) {
        if (row.labels()[i + 1] != Encoded.IGNORED) {
          targets.add(at + i);
          labels.add(row.labels()[i + 1]);
        }
      }
      at += lengths[r];
    }
    return new PackedBatch(ids, lengths, ints(targets), ints(labels));
  }

  /** Real tokens. */
  public int tokens() {
    return ids.length;
  }

  private static int[] ints(List<Integer> values) {
    return Arrays.stream(values.toArray(Integer[]::new)).mapToInt(Integer::intValue).toArray();
  }
}
