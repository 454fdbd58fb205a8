/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

import java.util.List;
import java.util.Optional;
import org.tlora.fault.UsageFault;

/**
 * This process's place among those that work together, as whoever started them says it.
 *
 * @param rank this process's number, from 0
 * @param size how many there are
 * @param localRank its number among those of its machine
 * @param localSize how many of them are on its machine
 * @param host where the first of them is reached
 * @param port that the first of them listens at
 * @param agent whether a launcher's own store listens there instead, through which they find each
 *     other
 * @param source what said so, for messages
 */
public record World(
    int rank,
    int size,
    int localRank,
    int localSize,
    String host,
    int port,
    boolean agent,
    String source) {
  /** The port where nobody says another: PyTorch's. */
  public static final int DEFAULT_PORT = 29500;

  /** A process by itself. */
  public static final World ALONE =
      new World(0, 1, 0, 1, "127.0.0.1", DEFAULT_PORT, false, "nothing");

  /** In the order in which they are asked: what is said for each process goes first. */
  private static final List<Launcher> LAUNCHERS =
      List.of(new Torchrun(), new Kubeflow(), new Slurm(), new IndexedJob());

  /** Checks the ranges. */
  public World {
    if (size < 1 || rank < 0 || rank >= size) {
      throw new UsageFault(
          source + " says rank " + rank + " of " + size + ": ranks go from 0 to " + (size - 1));
    }
    if (localSize < 1 || localRank < 0 || localRank >= localSize) {
      throw new UsageFault(
          source + " says local rank " + localRank + " of " + localSize + " on this machine");
    }
    if (port < 1 || port > 65535) {
      throw new UsageFault(source + " says port " + port);
    }
  }

  /**
   * What an environment says.
   *
   * @throws UsageFault if it says only a part of what is needed, or what cannot be
   */
  public static World of(LaunchEnvironment environment) {
    for (Launcher launcher : LAUNCHERS) {
      Optional<World> found = launcher.world(environment);
      if (found.isPresent()) {
        return found.get();
      }
    }
    return ALONE;
  }

  /** Whether there are others. */
  public boolean isGroup() {
    return size > 1;
  }
}
