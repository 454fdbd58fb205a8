/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.tlora.testing.JavaProcess;
import org.tlora.testing.StartsProcess;

/**
 * Native threads that wait sleep, also where this is a library of another program: the runtime that
 * libtorch's kernels run on is asked what it has understood.
 */
@StartsProcess
@EnabledOnOs(OS.LINUX)
class WaitPolicyTest {
  /** A program that uses the library. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) {
      Engine.load();
      System.out.println("loaded with " + Engine.threads() + " threads");
    }
  }

  private static String start(String policy) throws IOException, InterruptedException {
    String processors = "-XX:ActiveProcessorCount=" + Runtime.getRuntime().availableProcessors();
    ProcessBuilder builder = JavaProcess.of(Program.class, List.of(processors));
    builder.environment().put("OMP_DISPLAY_ENV", "VERBOSE");
    builder.environment().remove("OMP_WAIT_POLICY");
    builder.environment().remove("GOMP_SPINCOUNT");
    if (policy != null) {
      builder.environment().put("OMP_WAIT_POLICY", policy);
    }
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(2, TimeUnit.MINUTES));
    assertEquals(0, process.exitValue(), said);
    assertTrue(said.contains("loaded with " + Cores.detect().threads() + " threads"), said);
    return said;
  }

  @Test
  void threadsThatWaitSleepSoon() throws Exception {
    String said = start(null);
    assertTrue(said.contains("OMP_WAIT_POLICY = 'PASSIVE'"), said);
    assertTrue(said.contains("GOMP_SPINCOUNT = '3000'"), said);
  }

  @Test
  void whatTheUserSetsStays() throws Exception {
    String said = start("ACTIVE");
    assertTrue(said.contains("OMP_WAIT_POLICY = 'ACTIVE'"), said);
    assertFalse(said.contains("GOMP_SPINCOUNT = '3000'"), said);
  }
}
