/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.calibrate;

/** What a method may ask to know about a linear layer before training. */
public enum Statistic {
  /** Σ over tokens of centred inputs' outer products, averaged over samples: [in, in]. */
  COVARIANCE,
  /**
   * The same of inputs that are not centred but divided by |max x| of their sample, as CorDA's
   * published code does: [in, in].
   */
  SECOND_MOMENT,
  /** The same of inputs as they are, Σ xᵀx: [in, in]. */
  GRAM,
  /** mean |W ∘ ∂loss/∂W|, averaged over samples: a number. */
  SENSITIVITY,
  /** ∂loss/∂W, averaged over batches of samples: [out, in]. */
  GRADIENT,
  /** mean |W ∘ that mean gradient|: a number. */
  GRADIENT_SENSITIVITY,
  /**
   * The leading principal components of the inputs at supervised tokens, which are gone through
   * until they stay: [components, in].
   */
  COMPONENTS
}
