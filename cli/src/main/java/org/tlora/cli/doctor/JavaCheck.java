/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.doctor;

import java.lang.module.ModuleFinder;
import java.util.ArrayList;
import java.util.List;
import org.tlora.engine.MachineMemory;
import org.tlora.vector.Loops;

/** The virtual machine: its version, its heap, its vector module. */
final class JavaCheck implements Check {
  private static final String VECTORS = "jdk.incubator.vector";
  private static final long SMALL_HEAP = 400L << 20;

  /** Weights and activations are beside the heap. */
  private static final double LARGE_SHARE = 0.6;

  @Override
  public String name() {
    return "java";
  }

  @Override
  public List<Finding> findings() {
    List<Finding> all = new ArrayList<>();
    all.add(version());
    all.add(heap(Runtime.getRuntime().maxMemory(), MachineMemory.detect()));
    boolean there = ModuleFinder.ofSystem().find(VECTORS).isPresent();
    all.add(vectors(there, Loops.fastest().isVector()));
    return all;
  }

  private static Finding version() {
    String version = System.getProperty("java.version");
    String vendor = System.getProperty("java.vendor", "");
    String vm = System.getProperty("java.vm.name", "");
    String text = version + " of " + vendor + ", " + vm + ", " + System.getProperty("os.arch");
    boolean wide = !"32".equals(System.getProperty("sun.arch.data.model"));
    Finding found =
        wide
            ? Finding.ok("java", text)
            : Finding.fault("java", text + ", of 32 bits", "install a JDK of 64 bits");
    return found.with("version", version).with("vendor", vendor).with("vm", vm);
  }

  /**
   * The heap.
   *
   * @param most bytes that it may come to have
   */
  static Finding heap(long most, MachineMemory memory) {
    long whole = memory.limit() < 0 ? memory.total() : memory.limit();
    String text = "up to " + Sizes.bytes(most);
    Finding found = Finding.ok("heap", text);
    if (most < SMALL_HEAP) {
      found =
          Finding.warning(
              "heap",
              text + ", which large tokenizers and data may not fit in",
              "set TLORA_JAVA_OPTIONS=-Xmx1g");
    } else if (whole > 0 && most > LARGE_SHARE * whole) {
      found =
          Finding.warning(
              "heap",
              text + " of " + Sizes.bytes(whole) + ", which weights need beside it",
              "set TLORA_JAVA_OPTIONS=-Xmx with less, such as -Xmx"
                  + Math.max(1, whole >> 32)
                  + "g");
    }
    return found.with("max_bytes", most);
  }

  /**
   * The JDK's vector module.
   *
   * @param there whether the JDK has it
   * @param used whether this process computes with it
   */
  static Finding vectors(boolean there, boolean used) {
    Finding found;
    if (used) {
      found = Finding.ok("vector module", "there, for bases in few bits");
    } else if (there) {
      found =
          Finding.warning(
              "vector module",
              "the JDK has it, and this process not: bases in few bits are slower",
              "start the program by ./tlora, or java with --add-modules " + VECTORS);
    } else {
      found =
          Finding.warning(
              "vector module",
              "the JDK has none: bases in few bits are slower",
              "take a JDK whose image has " + VECTORS);
    }
    return found.with("there", there).with("used", used);
  }
}
