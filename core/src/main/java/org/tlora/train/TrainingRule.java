/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import java.util.Map;
import org.tlora.engine.Tensor;

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
   * Whether it looks at the gradients of whole parameters, which must then not be shared out over
   * processes.
   */
  default boolean needsGradients() {
    return this != NONE;
  }

  /** Called before an optimizer step, when the gradients are clipped: they may be changed. */
  default void beforeStep() {}

  /**
   * Called after an optimizer step; the gradients are still there.
   *
   * @param step from 0
   */
  default void afterStep(long step) {}

  /** What it must know to go on after a step, by name; the tensors belong to the caller's scope. */
  default Map<String, Tensor> state() {
    return Map.of();
  }

  /**
   * Goes on from a state that was kept.
   *
   * @param state of {@link #state}; others' tensors in it are left alone
   */
  default void restore(Map<String, Tensor> state) {}

  /** Frees what it holds. */
  @Override
  default void close() {}
}
