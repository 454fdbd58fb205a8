/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Affinity, hyper-threads and quotas of control groups decide how many threads compute. */
class CoresTest {
  @TempDir private Path root;

  private void file(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text + "\n");
  }

  private void allowed(String list) throws IOException {
    file("proc/self/status", "Name:\tjava\nCpus_allowed:\tff\nCpus_allowed_list:\t" + list);
  }

  @Test
  void twoThreadsOfACoreAreOne() throws IOException {
    allowed("0-3,8");
    for (int cpu : new int[] {0, 1, 2, 3}) {
      file(
          "sys/devices/system/cpu/cpu" + cpu + "/topology/thread_siblings_list",
          "" + cpu % 2 + "," + (cpu % 2 + 2));
    }
    assertEquals(new Cores(5, 3, Double.POSITIVE_INFINITY), Cores.detect(root, 16));
    assertEquals(3, Cores.detect(root, 16).threads());
    assertEquals(2, Cores.detect(root, 2).threads(), "-XX:ActiveProcessorCount=2");
  }

  @ParameterizedTest
  @CsvSource({
    "150000 100000, 2",
    "110000 100000, 1",
    "50000 100000, 1",
    "325000 100000, 4",
    "max 100000, 8",
    "1600000 100000, 8"
  })
  void aQuotaOfTimeIsNotMoreThreadsThanItFeeds(String max, int threads) throws IOException {
    allowed("0-7");
    file("proc/self/cgroup", "0::/system.slice/job");
    file("sys/fs/cgroup/system.slice/job/cpu.max", max);
    assertEquals(threads, Cores.detect(root, 8).threads());
  }

  @Test
  void theLeastLimitOnTheWayUpCounts() throws IOException {
    allowed("0-7");
    file("proc/self/cgroup", "0::/a/b");
    file("sys/fs/cgroup/a/b/cpu.max", "max 100000");
    file("sys/fs/cgroup/a/cpu.max", "200000 100000");
    assertEquals(2, Cores.detect(root, 8).threads());
  }

  @Test
  void theFirstVersionOfControlGroupsIsReadToo() throws IOException {
    allowed("0-7");
    file("proc/self/cgroup", "3:cpuset:/\n2:cpu,cpuacct:/docker/abc\n1:memory:/docker/abc");
    // in a container the group's own directory is the root of what is mounted
    file("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "150000");
    file("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000");
    assertEquals(1.5, Cores.detect(root, 8).quota());
    file("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1");
    assertEquals(8, Cores.detect(root, 8).threads());
  }

  @Test
  void whereNothingIsSaidTheVirtualMachineCounts() throws IOException {
    assertEquals(6, Cores.detect(root, 6).threads());
    allowed("nonsense");
    file("proc/self/cgroup", "what\n0::/../../..");
    file("sys/fs/cgroup/cpu.max", "many");
    assertEquals(6, Cores.detect(root, 6).threads());
    assertTrue(Cores.detect().threads() >= 1);
  }
}
