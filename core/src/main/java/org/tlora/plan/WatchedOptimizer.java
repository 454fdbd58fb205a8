/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.plan;

import java.util.List;
import java.util.Map;
import org.tlora.autograd.Parameter;
import org.tlora.engine.Footprint;
import org.tlora.engine.Footprint.Work;
import org.tlora.engine.Tensor;
import org.tlora.train.AdamW;
import org.tlora.train.Optimizer;

/** The usual optimizer, around whose step it is looked at what was counted. */
final class WatchedOptimizer implements Optimizer {
  private final Footprint footprint;
  private final double weightDecay;
  private AdamW inner; // of the run that goes on
  private Work passes;
  private Work step;
  private Work most = Works.NOTHING; // of all

  WatchedOptimizer(Footprint footprint, double weightDecay) {
    this.footprint = footprint;
    this.weightDecay = weightDecay;
  }

  /** Begins anew. */
  Optimizer begin(List<Parameter> parameters) {
    inner = new AdamW(parameters, weightDecay);
    return this;
  }

  /** What held the most in all steps. */
  Work most() {
    return most;
  }

  /** What was counted before the last step. */
  Work passes() {
    return passes;
  }

  /** What the last step took. */
  Work step() {
    return step;
  }

  @Override
  public void step(double learningRate) {
    passes = footprint.take().work();
    inner.step(learningRate);
    step = footprint.take().work();
    most = Works.larger(most, Works.larger(passes, step));
  }

  @Override
  public Map<String, Tensor> state() {
    return inner.state();
  }

  @Override
  public void restore(Map<String, Tensor> state, long steps) {
    inner.restore(state, steps);
  }

  @Override
  public void close() {
    inner.close();
  }
}
