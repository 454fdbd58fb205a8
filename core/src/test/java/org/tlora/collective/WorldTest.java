/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.fault.UsageFault;

/** Each launcher's variables say a process's place, or that something is missing of them. */
class WorldTest {
  /** An environment of {@code NAME=value …}. */
  private static LaunchEnvironment environment(String variables) {
    Map<String, String> all = new LinkedHashMap<>();
    Arrays.stream(variables.split(" "))
        .filter(v -> !v.isEmpty())
        .map(v -> v.split("=", 2))
        .forEach(v -> all.put(v[0], v[1]));
    return new LaunchEnvironment(all, () -> "tune-3.workers.lab.svc.cluster.local");
  }

  private static World world(String variables) {
    return World.of(environment(variables));
  }

  @Test
  void nothingSaidIsAProcessByItself() {
    assertFalse(world("HOME=/root SLURM_PROCID=0 SLURM_NTASKS=4").isGroup(), "sbatch's own script");
    assertFalse(world("JOB_COMPLETION_INDEX=2").isGroup(), "pods that each do their own");
    assertFalse(world("RANK=0 WORLD_SIZE=1").isGroup());
  }

  @Test
  void torchrun() {
    World w =
        world(
            "RANK=5 WORLD_SIZE=8 LOCAL_RANK=1 LOCAL_WORLD_SIZE=4 MASTER_ADDR=node0"
                + " MASTER_PORT=1234 PET_NNODES=9 SLURM_PROCID=3");
    assertEquals(new World(5, 8, 1, 4, "node0", 1234, false, "RANK and WORLD_SIZE"), w);
    assertTrue(
        world("RANK=0 WORLD_SIZE=2 MASTER_ADDR=a TORCHELASTIC_USE_AGENT_STORE=True").agent());
    assertEquals(29500, world("RANK=0 WORLD_SIZE=2 MASTER_ADDR=a").port());
  }

  @Test
  void kubeflow() {
    World w =
        world(
            "PET_NNODES=4 PET_NODE_RANK=2 PET_NPROC_PER_NODE=auto PET_MASTER_ADDR=j-node-0-0.j"
                + " PET_MASTER_PORT=29400");
    assertEquals(2, w.rank());
    assertEquals(4, w.size());
    assertEquals("j-node-0-0.j", w.host());
    assertEquals(29400, w.port());
  }

  @Test
  void slurm() {
    World w =
        world(
            "SLURM_PROCID=3 SLURM_STEP_ID=0 SLURM_NTASKS=4 SLURM_LOCALID=1 SLURM_NODEID=1"
                + " SLURM_STEP_TASKS_PER_NODE=2(x2) SLURM_STEP_NODELIST=gpu[07-08] SLURM_JOB_ID=4242");
    assertEquals(3, w.rank());
    assertEquals(4, w.size());
    assertEquals(1, w.localRank());
    assertEquals(2, w.localSize());
    assertEquals("gpu07", w.host());
    assertEquals(29500 + 242, w.port());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "node7 | node7",
        "a,b | a",
        "n[07-09,12],m3 | n07",
        "rack-2-[3,5] | rack-2-3",
        "x[1-2]y | x1"
      })
  void theFirstNodeOfAList(String list, String first) {
    assertEquals(first, Slurm.firstOf(list));
  }

  @Test
  void indexedJob() {
    World w = world("JOB_COMPLETION_INDEX=3 WORLD_SIZE=4");
    assertEquals(3, w.rank());
    assertEquals("tune-0.workers.lab.svc.cluster.local", w.host());
    assertEquals("set-tune-0-0.set", IndexedJob.firstPod("set-tune-0-12.set", 12), "a JobSet's");
    assertThrows(UsageFault.class, () -> IndexedJob.firstPod("tune-3", 3), "no service");
    assertThrows(UsageFault.class, () -> IndexedJob.firstPod("elsewhere.svc", 3));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "RANK=1",
        "RANK=1 WORLD_SIZE=2",
        "RANK=2 WORLD_SIZE=2 MASTER_ADDR=a",
        "RANK=-1 WORLD_SIZE=2 MASTER_ADDR=a",
        "RANK=x WORLD_SIZE=2 MASTER_ADDR=a",
        "RANK=0 WORLD_SIZE=2 MASTER_ADDR=a MASTER_PORT=0",
        "PET_NNODES=2",
        "PET_NNODES=2 PET_NODE_RANK=0",
        "PET_NNODES=1 PET_NPROC_PER_NODE=4",
        "SLURM_PROCID=1 SLURM_STEP_ID=0",
      })
  void whatIsMissingOrWrongIsNamed(String variables) {
    String message = assertThrows(UsageFault.class, () -> world(variables)).getMessage();
    assertTrue(message.matches(".*(RANK|PET_|SLURM_|MASTER_).*"), message);
  }

  @Test
  void aLaunchOfOneNodeOrOfOneAmongSeveral() {
    LaunchPlan here = LaunchPlan.of(environment(""), 3, 0);
    assertEquals("2", here.variables(2).get("RANK"));
    assertEquals("3", here.variables(2).get("WORLD_SIZE"));
    assertEquals("127.0.0.1", here.host());
    LaunchPlan node =
        LaunchPlan.of(
            environment(
                "PET_NNODES=2 PET_NODE_RANK=1 PET_NPROC_PER_NODE=4 PET_MASTER_ADDR=m"
                    + " PET_MASTER_PORT=777"),
            null,
            0);
    assertEquals(new LaunchPlan(4, 4, 8, "m", 777), node);
    assertThrows(UsageFault.class, () -> LaunchPlan.of(environment(""), null, 0));
    assertThrows(UsageFault.class, () -> LaunchPlan.of(environment(""), 0, 0));
  }
}
