/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.Pointer;

/** Resident memory of this process, Java heap and native tensors together. */
public final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");

  private ProcessMemory() {}

  /** The highest resident size so far in bytes, or 0 where the system does not tell. */
  public static long peakBytes() {
    return read("VmHWM:");
  }

  /** The resident size now in bytes, or 0 where the system does not tell. */
  public static long residentBytes() {
    return read("VmRSS:");
  }

  /**
   * Gives freed native memory back to the system and starts {@link #peakBytes} anew, so that the
   * next run in this process is measured by itself.
   *
   * @return whether the system can do that; else the peak stays that of the whole process
   */
  public static boolean resetPeak() {
    trim();
    try {
      Files.writeString(CLEAR, "5", StandardCharsets.US_ASCII);
      return true;
    } catch (IOException e) {
      return false; // not Linux, or not allowed here
    }
  }

  /** Gives freed native memory back to the system, as far as its allocator has kept it. */
  public static void trim() {
    Footprint counting = Scope.counting();
    if (counting != null) {
      counting.trim();
      return;
    }
    Engine.load();
    Pointer.trimMemory();
  }

  /** What the machine has, or this process's control group allows. */
  public static long machineBytes() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }

  /**
   * What this process may come to: what it has, and what the system has left or its control group
   * allows beside others.
   */
  public static long roomBytes() {
    return new MemoryRoom(Path.of("/")).bytes(residentBytes(), machineBytes());
  }

  private static long read(String key) {
    if (!Files.isReadable(STATUS)) {
      return 0;
    }
    try {
      List<String> lines = Files.readAllLines(STATUS, StandardCharsets.US_ASCII);
      for (String line : lines) {
        if (line.startsWith(key)) {
          String[] words = line.substring(key.length()).trim().split("\\s+");
          return Long.parseLong(words[0]) * 1024;
        }
      }
    } catch (IOException | NumberFormatException e) {
      return 0; // a figure for reports, never a reason to fail a run
    }
    return 0;
  }
}
