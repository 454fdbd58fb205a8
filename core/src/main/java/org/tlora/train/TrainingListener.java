package org.tlora.train;

/** Is told how training goes. */
public interface TrainingListener {
  /** After each optimizer step. */
  void onStep(StepMetrics metrics, long totalSteps);

  /** After each evaluation; {@code step} is the last step that was taken, −1 before the first. */
  void onEvaluation(long step, double loss);
}
