/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The machine's memory, control groups of both versions, and what is promised decide what is free.
 */
class MachineMemoryTest {
  private static final long MB = 1L << 20;

  @TempDir private Path root;

  private void file(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text + "\n");
  }

  private void memory() throws IOException {
    file(
        "proc/meminfo",
        "MemTotal:       8192 kB\nMemFree: 100 kB\nMemAvailable:   6144 kB\nSwapTotal: 2048 kB\n"
            + "SwapFree: 512 kB\nCommitLimit: 5000 kB\nCommitted_AS: 3000 kB");
  }

  @Test
  void withoutLimitsWhatIsAvailableIsFree() throws IOException {
    memory();
    MachineMemory m = MachineMemory.detect(root);
    assertEquals(8 * MB, m.total());
    assertEquals(6 * MB, m.free());
    assertEquals(-1, m.limit());
    assertEquals(2 * MB, m.swap());
    assertEquals(MB / 2, m.swapFree());
    assertEquals(-1, m.committable());
  }

  @Test
  void theLeastLimitOnTheWayUpCountsWithoutCachedFiles() throws IOException {
    memory();
    file("proc/self/cgroup", "0::/a/b");
    file("sys/fs/cgroup/a/b/memory.max", "max");
    file("sys/fs/cgroup/a/memory.max", "" + 4 * MB);
    file("sys/fs/cgroup/a/memory.current", "" + 3 * MB);
    file("sys/fs/cgroup/a/memory.stat", "anon 1\nfile " + MB + "\nfile_mapped 5");
    file("sys/fs/cgroup/a/memory.swap.max", "0");
    MachineMemory m = MachineMemory.detect(root);
    assertEquals(4 * MB, m.limit());
    assertEquals(2 * MB, m.used());
    assertEquals(2 * MB, m.free());
    assertEquals(0, m.swapLimit());
  }

  @Test
  void theFirstVersionHasAnotherWordForNoLimit() throws IOException {
    memory();
    file("proc/self/cgroup", "4:memory:/docker/x\n0::/");
    file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712");
    assertEquals(-1, MachineMemory.detect(root).limit());
    file("sys/fs/cgroup/memory/memory.limit_in_bytes", "" + 2 * MB);
    file("sys/fs/cgroup/memory/memory.usage_in_bytes", "" + MB);
    file("sys/fs/cgroup/memory/memory.stat", "cache 7\ntotal_cache " + MB / 2);
    MachineMemory m = MachineMemory.detect(root);
    assertEquals(2 * MB, m.limit());
    assertEquals(3 * MB / 2, m.free());
  }

  @Test
  void aLimitAboveWhatThereIsIsNone() throws IOException {
    memory();
    file("proc/self/cgroup", "0::/");
    file("sys/fs/cgroup/memory.max", "" + 80 * MB);
    assertEquals(-1, MachineMemory.detect(root).limit());
  }

  @Test
  void aSystemThatPromisesNoMoreThanItHasMayRefuseWhatIsFree() throws IOException {
    memory();
    file("proc/sys/vm/overcommit_memory", "2");
    MachineMemory m = MachineMemory.detect(root);
    assertEquals(2000L * 1024, m.committable());
    assertEquals(2000L * 1024, m.free());
    file("proc/sys/vm/overcommit_memory", "0");
    assertEquals(-1, MachineMemory.detect(root).committable());
  }

  @Test
  void addressSpaceIsALimitToo() throws IOException {
    memory();
    file(
        "proc/self/limits",
        "Limit  Soft Limit  Hard Limit  Units\nMax address space  1048576  1048576  bytes");
    assertEquals(MB, MachineMemory.detect(root).free());
    file(
        "proc/self/limits",
        "Max address space         unlimited            unlimited            bytes");
    assertEquals(-1, MachineMemory.detect(root).addressSpace());
  }

  @Test
  void nonsenseIsAsIfNothingWereSaid() throws IOException {
    file("proc/meminfo", "MemTotal: many kB\nMemAvailable");
    file("proc/self/cgroup", "what\n0::/../../..");
    file("sys/fs/cgroup/memory.max", "lots");
    MachineMemory m = MachineMemory.detect(root);
    assertEquals(-1, m.total());
    assertEquals(-1, m.free());
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void thisMachineHasSome() {
    MachineMemory m = MachineMemory.detect();
    assertTrue(m.total() > 0 && m.free() > 0 && m.free() <= m.total(), m.toString());
  }
}
