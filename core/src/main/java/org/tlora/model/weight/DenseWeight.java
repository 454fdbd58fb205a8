/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.weight;

import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Tensor;

/** A weight as a matrix of numbers, in the type that is computed in. It alone can train itself. */
public final class DenseWeight implements Weight {
  private final Tensor values;

  /**
   * Takes ownership of a matrix.
   *
   * @param values [out, in]
   */
  public DenseWeight(Tensor values) {
    this.values = values.detachFromScope();
  }

  /** A weight as numbers: itself if it is held so, else in its place, and it is closed. */
  public static DenseWeight of(Weight held) {
    if (held instanceof DenseWeight dense) {
      return dense;
    }
    try (held) {
      return new DenseWeight(held.rows(0, held.outFeatures()));
    }
  }

  /** The numbers, [out, in]; owned by this. */
  public Tensor values() {
    return values;
  }

  @Override
  public long outFeatures() {
    return values.size(0);
  }

  @Override
  public long inFeatures() {
    return values.size(1);
  }

  @Override
  public DType computeType() {
    return values.dtype();
  }

  @Override
  public Device device() {
    return values.device();
  }

  @Override
  public long bytes() {
    return values.size() * values.dtype().bytes();
  }

  @Override
  public Tensor product(Tensor x) {
    try (Tensor transposed = values.t()) {
      return x.mm(transposed);
    }
  }

  @Override
  public Tensor transposedProduct(Tensor dy) {
    return dy.mm(values);
  }

  @Override
  public Tensor rows(long from, long count) {
    return values.narrow(0, from, count);
  }

  @Override
  public Tensor lookUp(int[] numbers) {
    try (Tensor index = values.newInts(numbers)) {
      return values.indexSelect(0, index);
    }
  }

  @Override
  public void close() {
    values.close();
  }
}
