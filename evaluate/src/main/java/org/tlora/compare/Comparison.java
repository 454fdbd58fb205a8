/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tlora.checkpoint.OutputLock;
import org.tlora.collective.Collective;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;
import org.tlora.tune.TuningInputs;
import org.tlora.tune.TuningJob;

/**
 * Trains several methods one after the other on the same rows in the same order, with the model in
 * memory once and one calibration pass a seed for all of them, scores them on the same tasks, and
 * writes the table. Every run leaves its result on disk as soon as it is there, and a comparison
 * that is started again goes on where it was, also in the middle of a run.
 */
public final class Comparison {
  private final Competition all;
  private final TuningJob job;
  private final List<Entry> entries;
  private final List<Long> seeds;
  private final Collective group;

  /** A comparison. */
  public Comparison(Competition all) {
    this.all = all;
    job = all.job();
    entries = all.entries();
    seeds = all.seeds();
    group = all.group();
  }

  /**
   * Runs what has no result yet and writes the table.
   *
   * @return whether all runs are through, failed ones too; false where it was asked to stop
   * @throws UsageFault if the output holds results of other settings
   */
  public boolean run() {
    EntryRuns.requireOneCalibration(job);
    // what one of them refuses, it refuses before another has trained
    entries.forEach(
        e -> job.with(e.method(), e.options(), job.training().seed(), null, job.output()));
    if (group.isFirst()) {
      AtomicFiles.prepareDirectory(job.output());
    }
    List<RunResult> results = new ArrayList<>();
    try (OutputLock lock = group.isFirst() ? OutputLock.of(job.output()) : null;
        TuningInputs inputs = all.opened()) {
      inputs.announce();
      EntryRuns runs = all.runs(inputs, entries, all.scoring());
      for (long seed : seeds) {
        Path cache = cache(seed);
        for (Entry entry : entries) {
          TuningJob one =
              job.with(entry.method(), entry.options(), seed, cache, directory(entry, seed));
          RunResult result = runs.of(entry, one);
          if (group.isFirst() && result != null) {
            results.add(result);
          }
          if (runs.isStopped()) {
            return false;
          }
        }
        if (job.calibration().cache() == null && group.isFirst()) {
          EntryRuns.delete(cache);
        }
      }
      if (group.isFirst()) {
        new ComparisonTable(job, results, inputs.model().parameterCount()).write(job.output());
      }
      group.barrier();
    }
    return true;
  }

  private Path directory(Entry entry, long seed) {
    return job.output()
        .resolve(seeds.size() == 1 ? entry.folder() : entry.folder() + "-seed-" + seed);
  }

  /** With several seeds the samples differ, so each has a file of its own. */
  private Path cache(long seed) {
    return job.calibration().cache() == null
        ? job.output().resolve("calibration-seed-" + seed + ".safetensors")
        : seeds.size() == 1
            ? job.calibration().cache()
            : job.calibration()
                .cache()
                .resolveSibling(job.calibration().cache().getFileName() + "." + seed);
  }
}
