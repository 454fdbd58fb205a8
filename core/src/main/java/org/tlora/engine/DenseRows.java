/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

/** A matrix of numbers that is read a band of rows at a time. */
public interface DenseRows {
  /** How many rows. */
  long rows();

  /** How many columns. */
  long columns();

  /** What {@link #read} gives. */
  DType dtype();

  /**
   * Some rows, only to read; owned by the caller's scope.
   *
   * @return [count, columns]
   */
  Tensor read(long from, long count);

  /** Those of a matrix in memory, which stays open. */
  static DenseRows of(Tensor matrix) {
    return new DenseRows() {
      @Override
      public long rows() {
        return matrix.size(0);
      }

      @Override
      public long columns() {
        return matrix.size(1);
      }

      @Override
      public DType dtype() {
        return matrix.dtype();
      }

      @Override
      public Tensor read(long from, long count) {
        return matrix.narrow(0, from, count);
      }
    };
  }
}
