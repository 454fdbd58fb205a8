/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.checkpoint;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.fault.UsageFault;

/**
 * When checkpoints are due: after so many steps, or after so much time. Time is the monotonic clock
 * of the process, so that nothing happens when the wall clock is set.
 *
 * @param steps between checkpoints, or 0
 * @param nanoseconds between checkpoints, or 0
 * @param keep how many are kept
 */
public record SaveSchedule(long steps, long nanoseconds, int keep) {
  /** Only where a run is interrupted. */
  public static final SaveSchedule NEVER = new SaveSchedule(0, 0, 1);

  private static final Pattern EVERY = Pattern.compile("(\\d{1,9})\\s*(|steps?|m|min|minutes?)");

  /** Checks the ranges. */
  public SaveSchedule {
    if (keep < 1) {
      throw new UsageFault("`keep` must be at least 1, not " + keep);
    }
  }

  /**
   * As on the command line.
   *
   * @param every such as {@code 100}, {@code 100 steps}, {@code 10m}, {@code 10 minutes}; 0: never
   * @throws UsageFault if it is something else
   */
  public static SaveSchedule named(String every, int keep) {
    Matcher m = EVERY.matcher(every.strip());
    if (!m.matches()) {
      throw new UsageFault(
          "`saveEvery` must be a number of steps or minutes, such as 100 or 10m, not " + every);
    }
    long number = Long.parseLong(m.group(1));
    return m.group(2).startsWith("m")
        ? new SaveSchedule(0, TimeUnit.MINUTES.toNanos(number), keep)
        : new SaveSchedule(number, 0, keep);
  }

  /** Says when one is due in one run. */
  public final class Due {
    private final LongSupplier clock;
    private long last;

    private Due(LongSupplier clock) {
      this.clock = clock;
      last = clock.getAsLong();
    }

    /** Whether one is due after that many steps of the run. */
    public boolean after(long taken) {
      return (steps > 0 && taken % steps == 0)
          || (nanoseconds > 0 && clock.getAsLong() - last >= nanoseconds);
    }

    /** One was written. */
    public void written() {
      last = clock.getAsLong();
    }
  }

  /** For a run that starts now. */
  public Due start() {
    return start(System::nanoTime);
  }

  /** By another monotonic clock, in nanoseconds. */
  Due start(LongSupplier clock) {
    return new Due(clock);
  }
}
