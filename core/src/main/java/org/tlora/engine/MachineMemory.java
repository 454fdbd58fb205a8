/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * How much memory this process may come to have, as Linux says it; −1 where it says nothing. All in
 * bytes.
 *
 * @param total of the machine
 * @param available that programs can have without anything being swapped out
 * @param swap of the machine
 * @param swapFree of that
 * @param limit of the control groups that the process is in, the least; −1: there is none
 * @param used of the group whose limit that is, without what its files are cached with
 * @param swapLimit the least limit of swap; of the first version's groups, it is not known
 * @param addressSpace what the process may map at most; −1: as much as it likes
 * @param committable what may still be promised where the system promises no more than it has; −1:
 *     it promises more
 */
public record MachineMemory(
    long total,
    long available,
    long swap,
    long swapFree,
    long limit,
    long used,
    long swapLimit,
    long addressSpace,
    long committable) {
  /** Never promises more than there is. */
  private static final long STRICT = 2;

  /** From here on a limit of the first version means that there is none. */
  private static final long NO_LIMIT = 1L << 60;

  private record Group(long limit, long used) {}

  /** What the system says of this process. */
  public static MachineMemory detect() {
    return detect(Path.of("/"));
  }

  /** The same of files below a root. */
  public static MachineMemory detect(Path root) {
    List<String> memory = SystemFiles.lines(root.resolve("proc/meminfo"));
    long total = known(SystemFiles.bytes(memory, "MemTotal"));
    Group least = new Group(-1, -1);
    long swapLimit = -1;
    for (Path group : ControlGroups.of(root, "memory")) {
      Group own = group(group);
      if (own.limit() >= 0 && (least.limit() < 0 || own.limit() < least.limit())) {
        least = own;
      }
      long ofSwap = known(SystemFiles.number(group.resolve("memory.swap.max")));
      swapLimit = swapLimit < 0 || (ofSwap >= 0 && ofSwap < swapLimit) ? ofSwap : swapLimit;
    }
    if (total >= 0 && least.limit() >= total) {
      least = new Group(-1, -1); // more than there is
    }
    return new MachineMemory(
        total,
        known(SystemFiles.bytes(memory, "MemAvailable")),
        known(SystemFiles.bytes(memory, "SwapTotal")),
        known(SystemFiles.bytes(memory, "SwapFree")),
        least.limit(),
        least.used(),
        swapLimit,
        addressSpace(root),
        committable(root, memory));
  }

  private static Group group(Path directory) {
    long limit = known(SystemFiles.number(directory.resolve("memory.max")));
    long high = known(SystemFiles.number(directory.resolve("memory.high"))); // slowed down there
    limit = limit < 0 || (high >= 0 && high < limit) ? high : limit;
    long used = known(SystemFiles.number(directory.resolve("memory.current")));
    String cached = "file ";
    if (limit < 0) {
      limit = known(SystemFiles.number(directory.resolve("memory.limit_in_bytes")));
      used = known(SystemFiles.number(directory.resolve("memory.usage_in_bytes")));
      cached = "total_cache ";
    }
    if (limit < 0 || limit >= NO_LIMIT) {
      return new Group(-1, -1);
    }
    for (String line : SystemFiles.lines(directory.resolve("memory.stat"))) {
      if (used >= 0 && line.startsWith(cached)) {
        used = Math.max(0, used - SystemFiles.number(line.substring(cached.length())).orElse(0));
      }
    }
    return new Group(limit, used);
  }

  private static long addressSpace(Path root) {
    String key = "Max address space";
    for (String line : SystemFiles.lines(root.resolve("proc/self/limits"))) {
      if (line.startsWith(key)) {
        return known(SystemFiles.number(line.substring(key.length())));
      }
    }
    return -1;
  }

  private static long committable(Path root, List<String> memory) {
    OptionalLong mode = SystemFiles.number(root.resolve("proc/sys/vm/overcommit_memory"));
    OptionalLong limit = SystemFiles.bytes(memory, "CommitLimit");
    OptionalLong promised = SystemFiles.bytes(memory, "Committed_AS");
    boolean strict = mode.isPresent() && mode.getAsLong() == STRICT;
    return strict && limit.isPresent() && promised.isPresent()
        ? Math.max(0, limit.getAsLong() - promised.getAsLong())
        : -1;
  }

  private static long known(OptionalLong number) {
    return number.orElse(-1);
  }

  /**
   * What the process can still have without swapping, by all of these; −1 where nothing is known.
   */
  public long free() {
    long free = available;
    if (limit >= 0) {
      free = least(free, Math.max(0, limit - Math.max(0, used)));
    }
    free = committable < 0 ? free : least(free, committable);
    return addressSpace < 0 ? free : least(free, addressSpace);
  }

  private static long least(long one, long other) {
    return one < 0 ? other : Math.min(one, other);
  }
}
