/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tlora.engine.MachineMemory;

/** Memory, and whatever keeps the process from having it. */
record MemoryCheck(Path root, Map<String, String> environment) implements Check {
  /** The libraries and a tiny model. */
  private static final long LEAST = 400L << 20;

  /** A model of a hundred million parameters with its activations. */
  private static final long LITTLE = 2L << 30;

  private static final double MUCH_SWAPPED = 0.5;

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public List<Finding> findings() {
    MachineMemory m = MachineMemory.detect(root);
    List<Finding> all = new ArrayList<>();
    all.add(memory(m));
    if (m.total() < 0) {
      return all;
    }
    all.add(swap(m));
    all.add(promises(m));
    if (m.addressSpace() >= 0) {
      all.add(
          Finding.warning(
              "address space",
              "limited to " + Sizes.bytes(m.addressSpace()) + ", of which libraries map several GB",
              "ulimit -v unlimited"));
    }
    boolean linux = System.getProperty("os.name").startsWith("Linux");
    if (linux && !environment.containsKey("GLIBC_TUNABLES")) {
      all.add(
          Finding.warning(
              "allocator",
              "GLIBC_TUNABLES is not set: memory of large tensors is given back and fetched again",
              "start the program by ./tlora, or set what that sets"));
    }
    return all;
  }

  static Finding memory(MachineMemory m) {
    if (m.total() < 0) {
      return Finding.ok("memory", "the system does not say how much there is");
    }
    String limit =
        m.limit() < 0 ? "" : ", of which a control group allows " + Sizes.bytes(m.limit());
    String text = Sizes.bytes(m.free()) + " free of " + Sizes.bytes(m.total()) + limit;
    Finding found = Finding.ok("memory", text);
    if (m.free() >= 0 && m.free() < LEAST) {
      found =
          Finding.fault(
              "memory",
              text + ": not enough for the libraries and a small model",
              "end other programs, or allow more");
    } else if (m.free() >= 0 && m.free() < LITTLE) {
      found =
          Finding.warning(
              "memory",
              text + ": enough for small models",
              "for larger ones --micro-batch-size 1, --gradient-checkpointing, --quantize");
    }
    return found
        .with("total_bytes", m.total())
        .with("available_bytes", m.available())
        .with("limit_bytes", m.limit())
        .with("free_bytes", m.free());
  }

  private static Finding swap(MachineMemory m) {
    long used = m.swap() - m.swapFree();
    if (m.swap() <= 0) {
      return Finding.ok("swap", "none: what does not fit into memory ends the process");
    }
    String text = Sizes.bytes(used) + " of " + Sizes.bytes(m.swap()) + " in use";
    return used > MUCH_SWAPPED * m.swap()
        ? Finding.warning(
            "swap", text, "a run that is swapped out is slower by orders; end other programs")
        : Finding.ok("swap", text);
  }

  private static Finding promises(MachineMemory m) {
    return m.committable() < 0
        ? Finding.ok("overcommit", "the system promises memory before it has it")
        : Finding.warning(
            "overcommit",
            "the system promises no more than it has (vm.overcommit_memory=2), another "
                + Sizes.bytes(m.committable()),
            "large tensors may be refused though memory is free; vm.overcommit_memory=0");
  }
}
