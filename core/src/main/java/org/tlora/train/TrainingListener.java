package org.tlora.train;

/** Is told how training goes. */
public interface TrainingListener {
  /** After each optimizer step. */
  void onStep(StepMetrics metrics, long totalSteps);

  /**
   * After a step that was skipped: it changed nothing.
   *
   * @param reason what was not finite
   * @param rows which rows are to blame, or all of the step's
   */
  default void onSkippedStep(long step, String reason, String rows) {}

  /** After each evaluation; {@code step} is the last step that was taken, −1 before the first. */
  void onEvaluation(long step, double loss);
}
