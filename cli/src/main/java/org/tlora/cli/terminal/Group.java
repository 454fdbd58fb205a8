/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.terminal;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.tlora.collective.Collective;
import org.tlora.collective.GroupOptions;
import org.tlora.collective.Groups;
import org.tlora.collective.World;
import org.tlora.engine.Engine;
import org.tlora.fault.RunFault;

/** A command that several processes share. */
public final class Group {
  /** So long a process may go on with what it is in after the group has failed. */
  private static final long GRACE_SECONDS = 10;

  private Group() {}

  /** What the processes do. */
  @FunctionalInterface
  public interface Body {
    /**
     * Does this process's part.
     *
     * @return its exit status
     */
    int run(Collective group);
  }

  /**
   * Joins the group, runs, and leaves it. Where this process fails, the others are told why.
   *
   * @param ownsProcess whether the process may be ended within some seconds where another one of
   *     the group has failed, whatever it is in
   */
  public static int run(World world, GroupOptions options, boolean ownsProcess, Body body) {
    if (world.localSize() > 1) {
      Engine.shareThreads(world.localSize());
    }
    Thread main = Thread.currentThread();
    Consumer<RunFault> onLost = ownsProcess ? lost -> endSoon(main, lost) : lost -> {};
    try (Collective group = Groups.join(world, options, onLost)) {
      try {
        return body.run(group);
      } catch (RuntimeException | Error e) {
        group.fail(String.valueOf(e.getMessage()).lines().findFirst().orElse("" + e.getClass()));
        throw e;
      }
    }
  }

  /** A process that computes for long, or hangs in a transfer, learns of the failure too late. */
  private static void endSoon(Thread main, RunFault lost) {
    Thread end =
        new Thread(
            () -> {
              try {
                main.join(TimeUnit.SECONDS.toMillis(GRACE_SECONDS));
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              if (main.isAlive()) {
                System.err.println("tlora: " + lost.getMessage());
                Runtime.getRuntime().halt(lost.exitStatus());
              }
            },
            "group-end");
    end.setDaemon(true);
    end.start();
  }
}
