/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import java.util.Map;
import org.tlora.engine.Tensor;

/** Where a trainer starts from, and where it leaves what it would have to start from again. */
public interface Checkpoints {
  /** None: from the beginning, and nothing is kept. */
  Checkpoints NONE =
      new Checkpoints() {
        @Override
        public Start start() {
          return Start.FROM_NOTHING;
        }

        @Override
        public boolean isDue(long steps) {
          return false;
        }

        @Override
        public void save(TrainingPosition position, Map<String, Tensor> state) {}
      };

  /**
   * Where to start; the parameters have their values of that moment already.
   *
   * @param state what {@link #save} was given, owned by the caller of {@link #start}; empty at the
   *     beginning
   */
  record Start(TrainingPosition position, Map<String, Tensor> state) {
    /** The beginning. */
    public static final Start FROM_NOTHING = new Start(TrainingPosition.START, Map.of());
  }

  /** Where to start; asked once, before the first step. Tensors belong to the caller's scope. */
  Start start();

  /** Whether to save after that many steps. */
  boolean isDue(long steps);

  /** Called in each process of a group before the first of them saves. */
  default void beforeSave() {}

  /**
   * Keeps everything that goes on changing but the parameters' values, which whoever saves has.
   *
   * @param state the optimizer's and the method's tensors by name; only read
   */
  void save(TrainingPosition position, Map<String, Tensor> state);

  /**
   * Keeps the parameters as they are: none were better so far. Called in the first process of a
   * group.
   */
  default void keepBest(TrainingPosition position) {}
}
