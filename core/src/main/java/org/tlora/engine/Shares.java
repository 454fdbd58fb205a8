/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Divides loops of this program's own over as many threads as native kernels use. The virtual
 * machine's common pool helps the calling thread, so that nothing is started or kept for it.
 */
public final class Shares {
  private Shares() {}

  /** A part of a loop. */
  public interface Part {
    /** Goes through the steps from one to before another. */
    void run(long from, long to);
  }

  /**
   * Runs all steps from 0 to before {@code steps}. Nothing runs any more when this returns or
   * throws what a part has thrown.
   *
   * @param least steps that are worth a thread of their own
   */
  public static void run(long steps, long least, Part part) {
    long shares = Math.min(Engine.threads(), steps / Math.max(1, least));
    if (shares <= 1) {
      part.run(0, steps);
      return;
    }
    AtomicReference<Throwable> failure = new AtomicReference<>();
    List<ForkJoinTask<?>> all = new ArrayList<>();
    for (long i = 0; i < shares; i++) {
      long from = steps * i / shares;
      long to = steps * (i + 1) / shares;
      all.add(ForkJoinTask.adapt(() -> run(part, from, to, failure)));
    }
    ForkJoinTask.invokeAll(all);
    if (failure.get() instanceof Error e) {
      throw e;
    }
    if (failure.get() instanceof RuntimeException e) {
      throw e;
    }
  }

  /** A failure must not leave the other parts running behind the caller's back. */
  private static void run(Part part, long from, long to, AtomicReference<Throwable> failure) {
    try {
      part.run(from, to);
    } catch (RuntimeException | Error e) {
      failure.compareAndSet(null, e);
    }
  }
}
