package org.tlora.tune;

import org.tlora.train.TrainingListener;

/** Is told how a job goes. */
public interface TuningListener extends TrainingListener {
  /** A line of news. */
  void onMessage(String message);

  /** After each calibration sample. */
  void onCalibrationSample(int done, int total);
}
