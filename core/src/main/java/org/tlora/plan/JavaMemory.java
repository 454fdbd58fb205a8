/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.plan;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;

/** Memory of a run that is not tensors: Java's, and that of native libraries. */
final class JavaMemory {
  /**
   * Pages of code of libtorch and its mathematics, what the tokenizer and Java's compiler allocate,
   * and what kernels take for themselves: 120 MB, 120 MB and 150 MB in a run on Linux on x86-64.
   */
  private static final long LIBRARIES = 390L << 20;

  private JavaMemory() {}

  /**
   * Bytes as this process will have them: young objects come to fill all the room that there is for
   * them, old ones are those that there are.
   */
  static long bytes() {
    long sum = LIBRARIES;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      String name = pool.getName();
      boolean old = name.contains("Old") || name.contains("Tenured");
      boolean heap = pool.getType() == MemoryType.HEAP;
      sum += heap && old ? pool.getUsage().getUsed() : pool.getUsage().getCommitted();
    }
    return sum;
  }
}
