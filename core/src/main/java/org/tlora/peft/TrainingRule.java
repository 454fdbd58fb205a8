package org.tlora.peft;

/** What a method does around an optimizer step besides letting its parameters train. */
public interface TrainingRule extends AutoCloseable {
  /** Nothing. */
  TrainingRule NONE = new TrainingRule() {};

  /**
   * Adds a penalty's gradients to those of the step's loss, before they are clipped.
   *
   * @return the penalty, which counts as part of the loss
   */
  default double penalise() {
    return 0;
  }

  /**
   * Called after an optimizer step; the gradients are still there.
   *
   * @param step from 0
   */
  default void afterStep(long step) {}

  /** Frees what it holds. */
  @Override
  default void close() {}
}
