/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;

/**
 * Processes that are started on this machine, of a group that may have others elsewhere.
 *
 * @param processes on this machine
 * @param firstRank of them
 * @param size of the whole group
 * @param host where its first process is
 * @param port that this one listens at
 */
public record LaunchPlan(int processes, int firstRank, int size, String host, int port) {
  /** More than any machine has cores. */
  private static final int MOST = 1024;

  /**
   * What an environment and a user say.
   *
   * @param processes on this machine; null: what {@code PET_NPROC_PER_NODE} says
   * @param port 0: one that is free, where all processes are on this machine
   */
  public static LaunchPlan of(LaunchEnvironment environment, Integer processes, int port) {
    int here = processes == null ? ofNode(environment) : processes;
    if (here < 1 || here > MOST) {
      throw new UsageFault("`processes` must be from 1 to " + MOST + ", not " + here);
    }
    int nodes = environment.number("PET_NNODES", 1);
    if (nodes == 1) {
      return new LaunchPlan(here, 0, here, "127.0.0.1", port == 0 ? freePort("127.0.0.1") : port);
    }
    String why = "PET_NNODES is " + nodes;
    int node = environment.required("PET_NODE_RANK", why);
    return new LaunchPlan(
        here,
        node * here,
        nodes * here,
        environment.text("PET_MASTER_ADDR", null, why),
        port == 0 ? environment.number("PET_MASTER_PORT", World.DEFAULT_PORT) : port);
  }

  private static int ofNode(LaunchEnvironment environment) {
    String said = environment.text(Kubeflow.PROCESSES, null);
    if (said == null || !said.matches("[0-9]+")) {
      throw new UsageFault("`processes` is missing: how many to start");
    }
    return environment.number(Kubeflow.PROCESSES, 1);
  }

  /** A port of an address of this machine that nobody listens at now. */
  public static int freePort(String host) {
    try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getByName(host))) {
      return any.getLocalPort();
    } catch (IOException e) {
      throw new RunFault("no port of " + host + " is free: " + e.getMessage(), e);
    }
  }

  /** The variables that tell one of the processes its place. */
  public Map<String, String> variables(int local) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("RANK", "" + (firstRank + local));
    all.put("WORLD_SIZE", "" + size);
    all.put("LOCAL_RANK", "" + local);
    all.put("LOCAL_WORLD_SIZE", "" + processes);
    all.put("MASTER_ADDR", host);
    all.put("MASTER_PORT", "" + port);
    all.put("TORCHELASTIC_USE_AGENT_STORE", "False");
    return all;
  }
}
