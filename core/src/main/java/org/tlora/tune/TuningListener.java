package org.tlora.tune;

import org.tlora.train.TrainingListener;

/** Is told how a job goes. */
public interface TuningListener extends TrainingListener {
  /** A line of news. */
  void onMessage(String message);

  /** After each row of a task that the model is scored on. */
  default void onTaskRow(String task, int done, int total) {}

  /** After each calibration sample. */
  void onCalibrationSample(int done, int total);
}
