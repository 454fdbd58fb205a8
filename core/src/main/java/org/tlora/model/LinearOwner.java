/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.List;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Tensor;

/** What holds the weight of one or several {@link Linear}s, as rows one below the other. */
interface LinearOwner {
  /** Dense rows in the compute type, only to read; owned by the caller's scope. */
  Tensor rows(long from, long count);

  /** The same rows in place, to train; owned by the caller. */
  Tensor trainable(long from, long count);

  /** x Wᵀ of some rows of W, in the type of {@code x}; owned by the caller's scope. */
  Tensor product(Tensor x, long from, long count);

  /** [out], or null. */
  Tensor bias();

  long inFeatures();

  long outFeatures();

  DType computeType();

  Device device();

  /** The first of the linears that share an input with one of them. */
  Linear first(Linear one);

  /** See {@link Linear#codes}. */
  default List<String> codes() {
    return List.of();
  }

  /** See {@link Linear#isRounded}. */
  default boolean isRounded() {
    return false;
  }

  /** See {@link Linear#unrounded}. */
  default Tensor unrounded(Linear one) {
    return null;
  }

  /** Bytes of weight and bias. */
  default long bytes() {
    return 0;
  }

  /** See {@link Linear#isLookup}. */
  default boolean isLookup() {
    return false;
  }

  /** See {@link Linear#untrainedToken}. */
  default int untrainedToken() {
    return -1;
  }
}
