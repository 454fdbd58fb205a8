/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

/**
 * A matrix whose numbers are held as codes of fewer bits. To be computed with, rows are brought
 * back. Several threads may read at once.
 */
public interface CodedMatrix extends AutoCloseable {
  /** What its codes are, for people, such as {@code Q4_K} or {@code nf4}. */
  String code();

  /** How many rows. */
  long rows();

  /** How many columns. */
  long columns();

  /** Where it is. */
  default Device device() {
    return Device.CPU;
  }

  /** Bytes of memory that it takes. */
  long bytes();

  /**
   * Brings rows back to numbers.
   *
   * @param from the first row
   * @param into takes them, [count, columns] end to end, of any float type
   */
  void expand(long from, Tensor into);

  /**
   * x Wᵀ for few rows, by a kernel that reads the codes as they are.
   *
   * @param x [n, columns]
   * @return [n, rows] in the type of {@code x}, owned by the caller's scope; null where there is no
   *     such kernel, or it is not the faster way for so many rows
   */
  default Tensor productOfFew(Tensor x) {
    return null;
  }

  /** Whether all numbers are finite. */
  boolean isFinite();

  @Override
  void close();
}
