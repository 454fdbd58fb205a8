/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.run;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is told of an optimizer step: numbers by name. Methods, objectives and processes add their
 * own; the names below are those that every step of training has.
 *
 * @param step from 0
 * @param totalSteps of the run
 * @param scalars in the order in which they are written
 */
public record StepReport(long step, long totalSteps, Map<String, Double> scalars) {
  /** Passes over the data so far, with a fraction. */
  public static final String EPOCH = "epoch";

  /** Mean loss over the step, and the penalty. */
  public static final String LOSS = "loss";

  /** The part of the loss that a method adds to it. */
  public static final String PENALTY = "penalty";

  /** The rate that the optimizer used. */
  public static final String LEARNING_RATE = "learning_rate";

  /** Norm of all gradients before clipping. */
  public static final String GRADIENT_NORM = "grad_norm";

  /** Real tokens of the step. */
  public static final String TOKENS = "tokens";

  /** Those of them that something was predicted from. */
  public static final String SUPERVISED_TOKENS = "supervised_tokens";

  /** Real tokens a second. */
  public static final String TOKENS_PER_SECOND = "tokens_per_second";

  /** Seconds of forward passes. */
  public static final String FORWARD_SECONDS = "seconds.forward";

  /** Seconds of the ways back. */
  public static final String BACKWARD_SECONDS = "seconds.backward";

  /** Seconds of everything else: the optimizer, a method's own rule, clipping. */
  public static final String OPTIMIZER_SECONDS = "seconds.optimizer";

  /** The most resident memory of the process so far, in bytes. */
  public static final String PEAK_RSS_BYTES = "peak_rss_bytes";

  /** Keeps a copy of the numbers. */
  public StepReport {
    scalars = Collections.unmodifiableMap(new LinkedHashMap<>(scalars));
  }

  /** A number, or NaN where the step has none of that name. */
  public double get(String name) {
    return scalars.getOrDefault(name, Double.NaN);
  }

  /** {@link #LOSS}. */
  public double loss() {
    return get(LOSS);
  }
}
