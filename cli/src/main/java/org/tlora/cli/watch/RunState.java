/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.watch;

import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.OptionalLong;
import org.tlora.checkpoint.CheckpointStore;
import org.tlora.checkpoint.OutputLock;

/** How a run stands. */
enum RunState {
  /** Somebody writes to its directory. */
  RUNNING,
  /** It has come to its last step, or to an end before that where nothing got better. */
  FINISHED,
  /** It was asked to stop, and has left a checkpoint of its last step. */
  INTERRUPTED,
  /** It has ended in another way. */
  CRASHED;

  /**
   * The state of now.
   *
   * @param steps that were taken or skipped
   * @param total of the run, where it is known
   */
  static RunState of(Path directory, long steps, OptionalLong total) {
    boolean locked = RunFiles.of(directory, OutputLock.NAME) != null;
    if (locked && OutputLock.writerOf(directory).isPresent()) {
      return RUNNING;
    }
    boolean kept =
        new CheckpointStore(directory.resolve("checkpoints"))
            .newestFirst().stream().anyMatch(c -> c.steps() >= steps);
    if (kept && steps > 0) {
      return INTERRUPTED;
    }
    boolean all = total.isPresent() && steps >= total.getAsLong();
    return all || hasReport(directory) ? FINISHED : CRASHED;
  }

  /** Whether the report is of the run as it stands: it is written last. */
  static boolean hasReport(Path directory) {
    BasicFileAttributes report = RunFiles.of(directory, RunFiles.REPORT);
    BasicFileAttributes metrics = RunFiles.of(directory, RunFiles.METRICS);
    return report != null
        && metrics != null
        && report.lastModifiedTime().compareTo(metrics.lastModifiedTime()) >= 0;
  }
}
