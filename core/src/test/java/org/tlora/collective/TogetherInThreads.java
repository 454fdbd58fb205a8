/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A real group whose members are threads of this process. */
public final class TogetherInThreads {
  private TogetherInThreads() {}

  /** What a member does. */
  public interface Part<T> {
    T of(Collective group) throws Exception;
  }

  /** What each member gives, in the order of their ranks. */
  public static <T> List<T> run(int size, Part<T> part) throws Exception {
    int port = LaunchPlan.freePort("127.0.0.1");
    List<World> worlds = new ArrayList<>();
    for (int rank = 0; rank < size; rank++) {
      worlds.add(new World(rank, size, rank, size, "127.0.0.1", port, false, "a test"));
    }
    GroupOptions options =
        new GroupOptions(Duration.ofSeconds(20), Duration.ofSeconds(30), null, "test");
    ExecutorService threads = Executors.newFixedThreadPool(size);
    try {
      List<Future<T>> futures = new ArrayList<>();
      for (World world : worlds) {
        futures.add(
            threads.submit(
                () -> {
                  try (Collective group = Groups.join(world, options, lost -> {})) {
                    try {
                      return part.of(group);
                    } catch (Exception | Error e) {
                      group.fail("" + e.getMessage());
                      throw e;
                    }
                  }
                }));
      }
      List<T> all = new ArrayList<>();
      Exception failure = null;
      for (Future<T> f : futures) {
        try {
          all.add(f.get());
        } catch (ExecutionException e) {
          Exception cause = e.getCause() instanceof Exception c ? c : e;
          if (failure == null) {
            failure = cause;
          } else {
            failure.addSuppressed(cause);
          }
        }
      }
      if (failure != null) {
        throw failure;
      }
      return all;
    } finally {
      threads.shutdownNow();
    }
  }
}
