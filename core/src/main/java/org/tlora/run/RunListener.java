/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.run;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Is told how a run goes. Every method does nothing by default. Events come one at a time and in
 * their order, on a thread of the listener's own: training neither waits for a listener nor fails
 * with one, see {@link Listeners}.
 */
public interface RunListener {
  /** The name of the loss among the numbers of an evaluation. */
  String EVAL_LOSS = "eval_loss";

  /** A run begins: the model is there, nothing is trained yet. */
  default void started(RunStart start) {}

  /** A line of news for a person. */
  default void message(String text) {}

  /**
   * While a file is downloaded, from any thread.
   *
   * @param total bytes in all, or −1 where that is not known
   */
  default void download(String file, long bytes, long total) {}

  /**
   * While a file is brought to the hub, from any thread.
   *
   * @param bytes that are there; fewer than before where a part is sent again
   */
  default void upload(String file, long bytes, long total) {}

  /** After each calibration sample. */
  default void calibration(int done, int total) {}

  /** After each row of a task that the model is scored on. */
  default void scoring(String task, int done, int total) {}

  /** After each optimizer step. */
  default void step(StepReport report) {}

  /**
   * After a step that was skipped: it changed nothing.
   *
   * @param reason what was not finite
   * @param rows which rows are to blame, or all of the step's
   */
  default void skipped(long step, String reason, String rows) {}

  /**
   * After each evaluation.
   *
   * @param step the last one that was taken, −1 before the first
   * @param scalars numbers by name: {@code eval_loss} where rows are held out, the scores of tasks
   */
  default void evaluation(long step, Map<String, Double> scalars) {}

  /**
   * After an evaluation that was the best so far, where the best state is kept.
   *
   * @param steps that were taken
   * @param metric the number that it is told by
   */
  default void best(long steps, String metric, double value) {}

  /**
   * What the model writes at some time of the run.
   *
   * @param step the last one that was taken, −1 before the first
   */
  default void samples(long step, List<Sample> samples) {}

  /** A checkpoint is whole on disk. */
  default void checkpoint(long steps, Path directory) {}

  /** The run is over, also where it failed or was stopped. */
  default void ended(RunEnd end) {}

  /** A file of what a run leaves is whole on disk, such as its report; after {@link #ended}. */
  default void written(Path file) {}
}
