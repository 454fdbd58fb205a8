package org.tlora.model;

import org.tlora.engine.Tensor;

/** What holds the weight of one or several {@link Linear}s. */
interface LinearOwner {
  /** [out, in] of all of them, in the compute type. */
  Tensor weight();

  /** [out], or null. */
  Tensor bias();

  long inFeatures();

  long outFeatures();

  /** The first of the linears that share an input with one of them. */
  Linear first(Linear one);

  /** See {@link Linear#isLookup}. */
  default boolean isLookup() {
    return false;
  }

  /** See {@link Linear#untrainedToken}. */
  default int untrainedToken() {
    return -1;
  }
}
