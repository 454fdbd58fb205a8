/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

import java.util.Optional;

/**
 * {@code RANK}, {@code WORLD_SIZE}, {@code LOCAL_RANK}, {@code LOCAL_WORLD_SIZE}, {@code
 * MASTER_ADDR} and {@code MASTER_PORT}: torchrun, {@code tlora launch}, and whoever follows them.
 *
 * <p>torchrun itself keeps a store of its agent's at that port, and says so with {@code
 * TORCHELASTIC_USE_AGENT_STORE}.
 */
final class Torchrun implements Launcher {
  @Override
  public Optional<World> world(LaunchEnvironment environment) {
    if (!environment.has("RANK")) {
      return Optional.empty();
    }
    int size = environment.required("WORLD_SIZE", "RANK is set");
    int rank = environment.required("RANK", "");
    boolean agent = environment.text("TORCHELASTIC_USE_AGENT_STORE", "False").equals("True");
    String host =
        size == 1
            ? environment.text("MASTER_ADDR", "127.0.0.1")
            : environment.text("MASTER_ADDR", null, "WORLD_SIZE is " + size);
    return Optional.of(
        new World(
            rank,
            size,
            environment.number("LOCAL_RANK", 0),
            environment.number("LOCAL_WORLD_SIZE", environment.number("LOCAL_RANK", 0) + 1),
            host,
            environment.number("MASTER_PORT", World.DEFAULT_PORT),
            agent,
            "RANK and WORLD_SIZE"));
  }
}
