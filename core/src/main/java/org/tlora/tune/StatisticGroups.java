/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.tlora.calibrate.Statistic;
import org.tlora.fault.UsageFault;
import org.tlora.model.Linear;

/** Divides layers so that the statistics that are held at a time stay within a bound of memory. */
final class StatisticGroups {
  private StatisticGroups() {}

  /**
   * Runs of layers, in their order, whose tensors take at most {@code bytes} together.
   *
   * @param bytes 0: no bound
   * @throws UsageFault if a single input's statistics take more
   */
  static List<List<Linear>> of(List<Linear> layers, Set<Statistic> wanted, long bytes) {
    List<List<Linear>> groups = new ArrayList<>();
    List<Linear> group = new ArrayList<>();
    Set<Linear> inputs = new LinkedHashSet<>();
    long held = 0;
    for (Linear l : layers) {
      long more = bytesOf(l, wanted, !inputs.contains(l.sharesInputWith()));
      if (bytes > 0 && more > bytes) {
        throw new UsageFault(
            "`calibrationMemory` is too small: the statistics of "
                + l.name()
                + " alone take "
                + ((more + (1 << 20) - 1) >> 20)
                + " MB");
      }
      if (bytes > 0 && held + more > bytes && !group.isEmpty()) {
        groups.add(group);
        group = new ArrayList<>();
        inputs = new LinkedHashSet<>();
        held = 0;
        more = bytesOf(l, wanted, true);
      }
      group.add(l);
      inputs.add(l.sharesInputWith());
      held += more;
    }
    groups.add(group);
    return groups;
  }

  /** Bytes of all statistics together. */
  static long bytes(List<Linear> layers, Set<Statistic> wanted) {
    Set<Linear> inputs = new LinkedHashSet<>();
    return layers.stream()
        .mapToLong(l -> bytesOf(l, wanted, inputs.add(l.sharesInputWith())))
        .sum();
  }

  /** Bytes of the layer with the largest statistics. */
  static long largest(List<Linear> layers, Set<Statistic> wanted) {
    return layers.stream().mapToLong(l -> bytesOf(l, wanted, true)).max().orElse(0);
  }

  private static long bytesOf(Linear l, Set<Statistic> wanted, boolean newInput) {
    long bytes = 0;
    for (Statistic s : wanted) {
      bytes +=
          switch (s) {
            case COVARIANCE, SECOND_MOMENT, GRAM ->
                newInput ? 4 * l.inFeatures() * l.inFeatures() : 0;
            case GRADIENT -> 4 * l.inFeatures() * l.outFeatures();
            case GRADIENT_SENSITIVITY ->
                wanted.contains(Statistic.GRADIENT) ? 0 : 4 * l.inFeatures() * l.outFeatures();
            case SENSITIVITY, COMPONENTS -> 0;
          };
    }
    return bytes;
  }
}
