/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import java.util.List;
import org.tlora.collective.Collective;
import org.tlora.run.Listeners;
import org.tlora.run.StopSignal;
import org.tlora.train.Processes;
import org.tlora.tune.TuningInputs;
import org.tlora.tune.TuningJob;

/**
 * Who is compared, on what, and who looks on.
 *
 * @param job all but the method, its options, the seed; its output is the comparison's
 * @param seeds that each trains with
 * @param processes that share each run; the first writes for all
 */
public record Competition(
    TuningJob job,
    List<Entry> entries,
    List<Long> seeds,
    Scoring scoring,
    Listeners listeners,
    StopSignal stop,
    Processes processes) {
  /** Keeps copies of the lists. */
  public Competition {
    entries = List.copyOf(entries);
    seeds = List.copyOf(seeds);
  }

  Collective group() {
    return processes.all();
  }

  /** Model and rows; the other processes wait as long as this takes. */
  TuningInputs opened() {
    try (Collective.Busy busy = group().busy()) {
      return new TuningInputs(job, listeners, stop, null, processes);
    }
  }

  /** Runs of some entries that are scored on something, or {@link Scoring#NONE}. */
  EntryRuns runs(TuningInputs inputs, List<Entry> of, Scoring on) {
    return new EntryRuns(inputs, of, on, listeners, stop, group());
  }
}
