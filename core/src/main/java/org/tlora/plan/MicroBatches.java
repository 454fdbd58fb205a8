/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.tlora.data.Encoded;
import org.tlora.train.TrainingOptions;
import org.tlora.train.TrainingPlan;

/**
 * The rows that are run at once in the course of a run: how many times, and which of them stand for
 * all.
 *
 * @param steps optimizer steps
 * @param count how many micro-batches
 * @param tokens of all of them
 * @param typical one of the median number of tokens
 * @param largest one of the most tokens
 */
record MicroBatches(
    long steps, long count, long tokens, List<Encoded> typical, List<Encoded> largest) {
  /** Rows that are looked at; the order of more goes on like that of these. */
  private static final long MOST_ROWS = 100_000;

  private record Micro(long step, int from, int rows, long tokens) {}

  /** Those of a training. */
  static MicroBatches of(TrainingOptions options, List<Encoded> rows) {
    TrainingPlan plan = new TrainingPlan(options, rows.size());
    int[] lengths = new int[rows.size()]; // 0: not known yet
    List<Micro> all = new ArrayList<>();
    long seen = 0;
    long step = 0;
    for (; step < plan.steps() && seen < MOST_ROWS; step++) {
      List<Integer> indices = plan.rowsOf(step);
      for (int from = 0; from < indices.size(); from += options.microBatchSize()) {
        int end = Math.min(indices.size(), from + options.microBatchSize());
        long tokens = 0;
        for (int index : indices.subList(from, end)) {
          if (lengths[index] == 0) {
            lengths[index] = rows.get(index).ids().length;
          }
          tokens += lengths[index];
        }
        all.add(new Micro(step, from, end - from, tokens));
      }
      seen += indices.size();
    }
    double more = (double) plan.steps() / step;
    long tokens = all.stream().mapToLong(Micro::tokens).sum();
    int most = all.stream().mapToInt(Micro::rows).max().orElseThrow();
    List<Micro> whole =
        all.stream()
            .filter(m -> m.rows() == most)
            .sorted(Comparator.comparingLong(Micro::tokens))
            .toList();
    return new MicroBatches(
        plan.steps(),
        Math.round(all.size() * more),
        Math.round(tokens * more),
        rows(whole.get(whole.size() / 2), plan, rows),
        rows(whole.get(whole.size() - 1), plan, rows));
  }

  private static List<Encoded> rows(Micro micro, TrainingPlan plan, List<Encoded> rows) {
    return plan.rowsOf(micro.step()).subList(micro.from(), micro.from() + micro.rows()).stream()
        .map(rows::get)
        .toList();
  }

  /**
   * Of rows that are evaluated on, so many at once in their order, the ones with the most tokens.
   */
  static List<Encoded> largest(List<Encoded> rows, int atOnce) {
    List<Encoded> best = List.of();
    for (int i = 0; i < rows.size() && i < MOST_ROWS; i += atOnce) {
      List<Encoded> some = rows.subList(i, Math.min(rows.size(), i + atOnce));
      if (tokens(some) > tokens(best)) {
        best = List.copyOf(some);
      }
    }
    return best;
  }

  static long tokens(List<Encoded> rows) {
    return rows.stream().mapToLong(r -> r.ids().length).sum();
  }
}
