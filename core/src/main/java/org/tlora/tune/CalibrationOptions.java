/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tlora.fault.Problems;

/**
 * What a calibration looks at.
 *
 * @param data a file whose first rows are calibrated on, or null: a seeded sample of the training
 *     rows
 * @param samples rows, or the most of them
 * @param untilSettled whether fewer samples do where more would hardly move a rank
 * @param memory bytes of statistics that are held at a time, or 0 for all at once
 * @param batchSize samples whose tokens weigh the same in a mean gradient
 * @param cache a file that statistics are kept in, or null
 */
public record CalibrationOptions(
    Path data, int samples, boolean untilSettled, long memory, int batchSize, Path cache) {
  /** The most samples that a calibration until the ranks have settled looks at. */
  public static final int MOST_SAMPLES = 256;

  /** Checks the ranges. */
  public CalibrationOptions {
    Problems problems = new Problems();
    problems.require(
        cache == null || !(memory > 0 || untilSettled),
        "`calibrationCache` keeps all statistics of a fixed number of samples: it does not go"
            + " with `calibrationMemory` or `calibrationSamples` auto");
    problems.require(batchSize >= 1, "`calibrationBatchSize` must be at least 1, not " + batchSize);
    problems.require(samples >= 1, "`calibrationSamples` must be at least 1, not " + samples);
    problems.end();
  }

  /** The same with another cache, or none. */
  CalibrationOptions withCache(Path other) {
    return new CalibrationOptions(data, samples, untilSettled, memory, batchSize, other);
  }

  /** The same that holds so many bytes of statistics at a time, or all with 0. */
  public CalibrationOptions withMemory(long bytes) {
    return new CalibrationOptions(data, samples, untilSettled, bytes, batchSize, cache);
  }

  /** The same on so many of the rows that there are, of which nothing is kept. */
  public CalibrationOptions ofRows(int count) {
    boolean all = cache != null && memory == 0; // what is kept is gathered all at once
    return new CalibrationOptions(
        null, count, false, all ? Long.MAX_VALUE : memory, batchSize, null);
  }

  /** What decides the statistics, by the options' names. */
  Map<String, String> settings() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("calibration-data", "" + data);
    all.put("calibration-samples", "" + samples);
    all.put("calibration-until-settled", "" + untilSettled);
    all.put("calibration-memory", "" + memory);
    all.put("calibration-batch-size", "" + batchSize);
    return all;
  }
}
