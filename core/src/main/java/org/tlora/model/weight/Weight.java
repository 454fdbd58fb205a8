/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.weight;

import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * A frozen matrix W [out, in], in whatever form it is held. A form is one class; what computes with
 * a weight asks for products and does not know which it is. Only where an adapter starts, where a
 * model is merged, and where it is written, is the dense form asked for, in a scope.
 *
 * <p>Products may be asked for by several threads at once.
 */
public interface Weight extends AutoCloseable {
  /** Size of an output vector. */
  long outFeatures();

  /** Size of an input vector. */
  long inFeatures();

  /** What {@link #rows} come in. */
  DType computeType();

  /** Where it is. */
  Device device();

  /** Bytes of memory that it takes. */
  long bytes();

  /**
   * x Wᵀ.
   *
   * @param x [n, in]
   * @return [n, out] in the type of {@code x}, owned by the caller's scope
   */
  Tensor product(Tensor x);

  /**
   * dy W: the way back through {@link #product}.
   *
   * @param dy [n, out]
   * @return [n, in] in the type of {@code dy}, owned by the caller's scope
   */
  Tensor transposedProduct(Tensor dy);

  /**
   * Some rows as dense numbers, only to read.
   *
   * @return [count, in] in the {@linkplain #computeType compute type}, owned by the caller's scope;
   *     a view where the weight is dense
   */
  Tensor rows(long from, long count);

  /**
   * Rows by their numbers, as vectors that are looked up.
   *
   * @return [numbers, in] in the {@linkplain #computeType compute type}, owned by the caller's
   *     scope
   */
  default Tensor lookUp(int[] numbers) {
    Tensor all = Tensor.empty(device(), computeType(), numbers.length, inFeatures());
    for (int i = 0; i < numbers.length; i++) {
      try (Scope scope = new Scope()) {
        all.narrow(0, i, 1).copyFrom(rows(numbers[i], 1));
      }
    }
    return all;
  }

  @Override
  void close();
}
