/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import java.util.List;
import java.util.Map;
import org.tlora.autograd.Parameter;
import org.tlora.engine.Tensor;

/** Changes parameters by their gradients. A new one is a class and a line where it is chosen. */
public interface Optimizer extends AutoCloseable {
  /** Makes one for the parameters of a run. */
  @FunctionalInterface
  interface Factory {
    /** An optimizer that has taken no step; the caller closes it. */
    Optimizer of(List<Parameter> parameters);
  }

  /**
   * One step with the gradients that the parameters hold; those without one stay as they are. Looks
   * at no value on the host.
   *
   * @param learningRate times a parameter's own factor
   */
  void step(double learningRate);

  /**
   * What it keeps between steps, by name, for a checkpoint; the tensors are the optimizer's own.
   * How many steps it has taken is for the caller to know.
   */
  Map<String, Tensor> state();

  /**
   * Goes on from what was kept.
   *
   * @param state of {@link #state}; others' tensors in it are left alone
   * @param steps that it had taken
   * @throws org.tlora.fault.InputFault if something is missing or of another shape
   */
  void restore(Map<String, Tensor> state, long steps);

  @Override
  void close();
}
