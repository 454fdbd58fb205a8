/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How much of the machine this process may use, which decides how many threads compute.
 *
 * @param processors that the system may run it on
 * @param cores that these processors are: two hyper-threads of a core share its arithmetic
 * @param quota processors' worth of time in each period, by the control groups it is in; infinite
 *     where there is no limit
 */
public record Cores(int processors, int cores, double quota) {
  /** A further thread for less than that of a processor waits more than it works. */
  private static final double WORTH_A_THREAD = 0.25;

  /** What the system says of this process; where it says nothing, what the virtual machine says. */
  public static Cores detect() {
    return detect(Path.of("/"), Runtime.getRuntime().availableProcessors());
  }

  /**
   * The same of files below a root.
   *
   * @param available processors that the virtual machine counts, which has its own option for that
   */
  static Cores detect(Path root, int available) {
    BitSet allowed = allowed(root);
    int processors = allowed.isEmpty() ? available : Math.min(available, allowed.cardinality());
    int cores = allowed.isEmpty() ? processors : Math.min(processors, cores(root, allowed));
    return new Cores(Math.max(1, processors), Math.max(1, cores), quota(root));
  }

  /**
   * Threads that compute: one for each core, and no more than the time that there is for them. With
   * time for 1.5 processors two threads get more done than one, since they yield where they wait.
   */
  public int threads() {
    if (quota >= cores) {
      return cores;
    }
    int whole = (int) quota;
    return Math.max(1, quota - whole >= WORTH_A_THREAD ? whole + 1 : whole);
  }

  /** The processors of the affinity mask, which has those of cpusets too; empty where unknown. */
  private static BitSet allowed(Path root) {
    for (String line : SystemFiles.lines(root.resolve("proc/self/status"))) {
      if (line.startsWith("Cpus_allowed_list:")) {
        return list(line.substring(line.indexOf(':') + 1));
      }
    }
    return new BitSet();
  }

  /** Cores that the processors belong to; a processor whose core is unknown is one. */
  private static int cores(Path root, BitSet allowed) {
    Set<BitSet> cores = new HashSet<>();
    for (int cpu = allowed.nextSetBit(0); cpu >= 0; cpu = allowed.nextSetBit(cpu + 1)) {
      Path topology = root.resolve("sys/devices/system/cpu/cpu" + cpu + "/topology");
      List<String> siblings = SystemFiles.lines(topology.resolve("thread_siblings_list"));
      BitSet core = siblings.isEmpty() ? new BitSet() : list(siblings.get(0));
      core.set(cpu);
      cores.add(core);
    }
    return cores.size();
  }

  /** Numbers and ranges with commas between: {@code 0-3,8}. */
  private static BitSet list(String text) {
    BitSet all = new BitSet();
    try {
      for (String part : text.strip().split(",")) {
        String[] ends = part.strip().split("-");
        int last = Integer.parseInt(ends[ends.length - 1]);
        all.set(Integer.parseInt(ends[0]), last + 1);
      }
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      return new BitSet(); // a system that writes it in another way: nothing is known
    }
    return all;
  }

  /** The least of all limits from the process's own group up to the root, of either version. */
  private static double quota(Path root) {
    return ControlGroups.of(root, "cpu").stream()
        .mapToDouble(Cores::limit)
        .min()
        .orElse(Double.POSITIVE_INFINITY);
  }

  private static double limit(Path group) {
    List<String> together = SystemFiles.lines(group.resolve("cpu.max"));
    if (!together.isEmpty()) {
      String[] parts = together.get(0).strip().split("\\s+");
      return parts.length < 2 ? Double.POSITIVE_INFINITY : share(parts[0], parts[1]);
    }
    List<String> quota = SystemFiles.lines(group.resolve("cpu.cfs_quota_us"));
    List<String> period = SystemFiles.lines(group.resolve("cpu.cfs_period_us"));
    return quota.isEmpty() || period.isEmpty()
        ? Double.POSITIVE_INFINITY
        : share(quota.get(0).strip(), period.get(0).strip());
  }

  /** Quota by period; {@code max} or −1 are no limit. */
  private static double share(String quota, String period) {
    try {
      double share = Double.parseDouble(quota) / Double.parseDouble(period);
      return share > 0 ? share : Double.POSITIVE_INFINITY;
    } catch (NumberFormatException e) {
      return Double.POSITIVE_INFINITY;
    }
  }
}
