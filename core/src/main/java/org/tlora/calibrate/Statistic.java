package org.tlora.calibrate;

/** What a method may ask to know about a linear layer before training. */
public enum Statistic {
  /** Σ over tokens of centred inputs' outer products, averaged over samples: [in, in]. */
  COVARIANCE,
  /** mean |W ∘ ∂loss/∂W|, averaged over samples: a number. */
  SENSITIVITY
}
