/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.nio.file.Path;
import org.tlora.checkpoint.CheckpointStore;
import org.tlora.checkpoint.OutputLock;
import org.tlora.collective.Collective;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;

/** The directory that a run writes to; nobody else may while this is open. */
public final class TuningOutput implements AutoCloseable {
  private static final String CHECKPOINTS = "checkpoints";

  private final Resuming resuming;
  private final OutputLock lock; // null: another process has it
  private final CheckpointStore checkpoints;

  private TuningOutput(Resuming resuming, OutputLock lock, CheckpointStore checkpoints) {
    this.resuming = resuming;
    this.lock = lock;
    this.checkpoints = checkpoints;
  }

  /**
   * Makes the directory where it is missing, and keeps others off it.
   *
   * @param resuming what becomes of checkpoints that are there
   * @throws UsageFault if there are checkpoints, and nobody said what to do with them
   * @throws org.tlora.fault.RunFault if it cannot be written, or somebody else writes to it
   */
  public static TuningOutput of(Path directory, Resuming resuming) {
    AtomicFiles.prepareDirectory(directory);
    OutputLock lock = OutputLock.of(directory);
    try {
      CheckpointStore checkpoints = new CheckpointStore(directory.resolve(CHECKPOINTS));
      if (resuming == Resuming.NO && !checkpoints.isEmpty()) {
        throw new UsageFault(
            directory.resolve(CHECKPOINTS)
                + " holds checkpoints of an earlier run: go on with `resume`, delete them, or name"
                + " another `output`");
      }
      return new TuningOutput(resuming, lock, checkpoints);
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** The same in a group, of which the first process alone writes; the others only look. */
  public static TuningOutput of(Path directory, Resuming resuming, Collective group) {
    return group.isFirst()
        ? of(directory, resuming)
        : new TuningOutput(resuming, null, new CheckpointStore(directory.resolve(CHECKPOINTS)));
  }

  Resuming resuming() {
    return resuming;
  }

  CheckpointStore checkpoints() {
    return checkpoints;
  }

  /** Lets others write to it; again does nothing. */
  @Override
  public void close() {
    if (lock != null) {
      lock.close();
    }
  }
}
