/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.Linear;

/**
 * Ranks by what each further row of A brings. A row a gives B a column whose first gradient is G a:
 * ‖G a‖²/out is what a trainable parameter of it is asked for. The rows of all layers, a few times
 * as many as there is room for, compete for the trainable parameters; a layer none of whose rows is
 * taken goes without an adapter.
 */
final class MarginalRanks {
  /** Rows of a layer that compete, by the rank asked for. */
  private static final int CANDIDATES = 4;

  /** A row of a layer's A that could be taken. */
  private record Candidate(int layer, double gain) {}

  private MarginalRanks() {}

  /**
   * The ranks.
   *
   * @param rank asked for
   * @param cost trainable parameters of some ranks
   * @param allowed of them, at most
   */
  static int[] of(
      List<Linear> layers,
      Statistics statistics,
      TloraDirections directions,
      int rank,
      ToDoubleFunction<int[]> cost,
      double allowed) {
    List<Candidate> all = new ArrayList<>();
    double[] each = new double[layers.size()];
    for (int i = 0; i < layers.size(); i++) {
      int[] one = new int[layers.size()];
      one[i] = 1;
      each[i] = cost.applyAsDouble(one);
      try (Scope scope = new Scope()) {
        Linear layer = layers.get(i);
        for (double gain :
            gains(layer, statistics, candidates(layer, statistics, directions, rank))) {
          all.add(new Candidate(i, gain / layer.outFeatures()));
        }
      }
    }
    all.sort(Comparator.comparingDouble(Candidate::gain).reversed());
    int[] ranks = new int[layers.size()];
    double left = allowed;
    for (Candidate c : all) {
      if (each[c.layer()] <= left) {
        ranks[c.layer()]++;
        left -= each[c.layer()];
      }
    }
    return ranks;
  }

  /**
   * The rows that a layer's rank stands for: those of the greatest gain, in the order of their
   * singular values; [rank, in] float32, owned by the caller's scope.
   *
   * @param taken as {@link #of} said
   * @param rank asked for
   */
  static Tensor rows(
      Linear layer, Statistics statistics, TloraDirections directions, int taken, int rank) {
    try (Scope scope = new Scope()) {
      Tensor a = candidates(layer, statistics, directions, rank);
      double[] gains = gains(layer, statistics, a);
      int[] best =
          IntStream.range(0, gains.length)
              .boxed()
              .sorted(Comparator.comparingDouble((Integer i) -> gains[i]).reversed())
              .limit(taken)
              .mapToInt(i -> i)
              .sorted()
              .toArray();
      List<Tensor> rows = Arrays.stream(best).mapToObj(i -> a.narrow(0, i, 1)).toList();
      return scope.keep(Tensor.cat(rows, 0));
    }
  }

  private static Tensor candidates(
      Linear layer, Statistics statistics, TloraDirections directions, int rank) {
    long most = Math.min(layer.inFeatures(), layer.outFeatures());
    int count = (int) Math.min(most, (long) CANDIDATES * rank);
    try (Random none = new Random(layer.device(), 0)) {
      return directions.leading(layer, statistics, count, none);
    }
  }

  /** ‖G a‖² of each row. */
  private static double[] gains(Linear layer, Statistics statistics, Tensor a) {
    if (layer.device().isMeta()) {
      double[] alike = new double[(int) a.size(0)];
      Arrays.fill(alike, 1);
      return alike;
    }
    try (Scope scope = new Scope()) {
      return statistics.gradient(layer).mm(a.t()).square().sum(0, false).toDoubles();
    }
  }
}
