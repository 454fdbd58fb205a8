/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Divides loops of this program's own over as many threads as native kernels use. Threads of the
 * virtual machine's common pool help the calling one. To wake a thread takes longer than many a
 * loop, so a helper stays for a moment to see whether there is another one; whoever else wants the
 * processor meanwhile gets it.
 */
public final class Shares {
  /** Pieces of a thread's share: a helper that comes late does less. */
  private static final int PIECES = 4;

  /** How long a helper waits for the next loop; between two products of a token it is less. */
  private static final long LINGER_NANOS = 500_000;

  private static final Shares ALL = new Shares();

  private final AtomicReference<Loop> latest = new AtomicReference<>();
  private final AtomicInteger helpers = new AtomicInteger();

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
    long threads = Math.min(Engine.threads(), steps / Math.max(1, least));
    if (threads <= 1) {
      part.run(0, steps);
      return;
    }
    long piece = Math.max(least, (steps + threads * PIECES - 1) / (threads * PIECES));
    ALL.run(new Loop(steps, piece, part), (int) threads);
  }

  private void run(Loop loop, int threads) {
    latest.set(loop);
    for (int there = helpers.get(); there < threads - 1; there = helpers.get()) {
      if (helpers.compareAndSet(there, there + 1)) {
        ForkJoinPool.commonPool().execute(this::help);
      }
    }
    loop.takePieces();
    loop.awaitOthers();
    latest.compareAndSet(loop, null); // it may hold large things
    loop.throwFailure();
  }

  @SuppressWarnings("ThreadPriorityCheck") // whoever else is ready shall go first
  private void help() {
    try {
      long since = System.nanoTime();
      while (System.nanoTime() - since < LINGER_NANOS) {
        Loop loop = latest.get();
        if (loop != null && loop.hasMore()) {
          loop.takePieces();
          since = System.nanoTime();
        } else {
          Thread.yield();
        }
      }
    } finally {
      helpers.decrementAndGet();
    }
  }

  /** What is divided. */
  private static final class Loop {
    private final long steps;
    private final long piece;
    private final Part part;
    private final AtomicLong next = new AtomicLong();
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    Loop(long steps, long piece, Part part) {
      this.steps = steps;
      this.piece = piece;
      this.part = part;
    }

    boolean hasMore() {
      return next.get() < steps;
    }

    /** Nobody takes a piece without having entered first, so that an empty loop stays one. */
    void takePieces() {
      inside.incrementAndGet();
      try {
        for (long from = next.getAndAdd(piece); from < steps; from = next.getAndAdd(piece)) {
          part.run(from, Math.min(steps, from + piece));
        }
      } catch (RuntimeException | Error e) {
        failure.compareAndSet(null, e);
        next.set(steps); // no further pieces; those that others have end
      } finally {
        inside.decrementAndGet();
      }
    }

    /** A failure must not leave the other parts running behind the caller's back. */
    @SuppressWarnings("ThreadPriorityCheck") // they need the processor, and not for long
    void awaitOthers() {
      while (inside.get() > 0) {
        Thread.yield();
      }
    }

    void throwFailure() {
      if (failure.get() instanceof Error e) {
        throw e;
      }
      if (failure.get() instanceof RuntimeException e) {
        throw e;
      }
    }
  }
}
