/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

import java.util.Optional;
import org.tlora.fault.UsageFault;

/**
 * {@code PET_NNODES}, {@code PET_NODE_RANK}, {@code PET_NPROC_PER_NODE}, {@code PET_MASTER_ADDR}
 * and {@code PET_MASTER_PORT}: what Kubeflow's Trainer gives torchrun, of which there is one for
 * each node. Here a node is one process; {@code tlora launch} makes several of it.
 */
final class Kubeflow implements Launcher {
  static final String PROCESSES = "PET_NPROC_PER_NODE";

  @Override
  public Optional<World> world(LaunchEnvironment environment) {
    if (!environment.has("PET_NNODES")) {
      return Optional.empty();
    }
    String processes = environment.text(PROCESSES, "1");
    if (processes.matches("[0-9]+") && !processes.equals("1")) {
      throw new UsageFault(
          PROCESSES
              + " asks for "
              + processes
              + " processes on each node, and this is one: start it by `tlora launch -- …`, or ask"
              + " for 1, which uses all processors of its node");
    }
    int size = environment.required("PET_NNODES", "");
    return Optional.of(
        new World(
            size == 1
                ? environment.number("PET_NODE_RANK", 0)
                : environment.required("PET_NODE_RANK", "PET_NNODES is " + size),
            size,
            0,
            1,
            size == 1
                ? environment.text("PET_MASTER_ADDR", "127.0.0.1")
                : environment.text("PET_MASTER_ADDR", null, "PET_NNODES is " + size),
            environment.number("PET_MASTER_PORT", World.DEFAULT_PORT),
            false,
            "PET_NODE_RANK and PET_NNODES"));
  }
}
