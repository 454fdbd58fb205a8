/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tlora.calibrate.Calibration;
import org.tlora.calibrate.Statistics;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.Targets;

/**
 * Ends a calibration when more samples would hardly change who gets which rank: when the ranks of n
 * samples differ from those of half as many by at most 2 % of all ranks. Means of independent
 * samples move between n/2 and n about as far as they still are from where they go.
 */
final class SettledAllocation implements Calibration.Stopping {
  private static final double TOLERANCE = 0.02;
  private static final int LEAST_SAMPLES = 16;
  private static final int INTERVAL = 8;

  private final PeftMethod method;
  private final PeftOptions options;
  private final Targets targets;
  private final Map<Integer, int[]> history = new TreeMap<>();

  SettledAllocation(PeftMethod method, PeftOptions options, Targets targets) {
    this.method = method;
    this.options = options;
    this.targets = targets;
  }

  @Override
  public int interval() {
    return INTERVAL / 2;
  }

  @Override
  public boolean isEnough(Statistics soFar) {
    int n = soFar.samples();
    if (n % (INTERVAL / 2) != 0) {
      return false;
    }
    List<LayerPlan> plans = method.allocate(targets, soFar, options);
    int[] ranks = plans.stream().mapToInt(LayerPlan::rank).toArray();
    history.put(n, ranks);
    int[] half = history.get(n / 2);
    return n >= LEAST_SAMPLES
        && n % INTERVAL == 0
        && half != null
        && change(half, ranks) <= TOLERANCE;
  }

  /** Σ |difference| / 2 of the ranks, by Σ ranks: the share that has moved to other layers. */
  static double change(int[] before, int[] after) {
    long moved = 0;
    long total = 0;
    for (int i = 0; i < after.length; i++) {
      moved += Math.abs(after[i] - before[i]);
      total += after[i];
    }
    return (double) moved / total / 2;
  }
}
