/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.tlora.fault.UsageFault;

/**
 * Successive halving (Jamieson and Talwalkar, arXiv 1502.07943): all settings run a part of the
 * steps, the better ones a longer run of their own, and so on. Each round is a run from the
 * beginning with a whole schedule, since half of a cosine is none; only the last is of the length
 * that counts.
 *
 * @param rounds at most
 * @param factor by which there are fewer settings, and more steps, from one to the next
 */
public record Halving(int rounds, int factor) {
  /** Three rounds of a quarter, a half and all of the steps. */
  public static final Halving USUAL = new Halving(3, 2);

  /** Checks the ranges. */
  public Halving {
    if (rounds < 1 || factor < 2) {
      throw new UsageFault("`tuneRounds` must be at least 1, `tuneFactor` at least 2");
    }
  }

  /** The rounds that so many settings take: the last one has several left. */
  int roundsOf(int settings) {
    int needed = 0;
    for (int left = settings; left > 1; left = kept(left)) {
      needed++;
    }
    return Math.min(rounds, needed);
  }

  private int kept(int settings) {
    return (settings + factor - 1) / factor;
  }

  /** The steps of a round, from 0; a search that needs fewer of them skips the first. */
  long steps(int round, long all) {
    double part = Math.pow(factor, rounds - 1.0 - round);
    return Math.max(1, (long) Math.ceil(all / part));
  }

  /**
   * The settings that go on, the best first.
   *
   * @param losses of each; infinite where the run failed
   */
  <T> List<T> kept(Map<T, Double> losses) {
    Stream<Map.Entry<T, Double>> through =
        losses.entrySet().stream().filter(e -> Double.isFinite(e.getValue()));
    return through
        .sorted(Map.Entry.comparingByValue(Comparator.naturalOrder()))
        .limit(kept(losses.size()))
        .map(Map.Entry::getKey)
        .toList();
  }
}
