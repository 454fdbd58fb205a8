/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.util.Optional;
import java.util.Set;

/** Named tensors on disk. Several threads may read at once. */
public interface WeightStore extends AutoCloseable {
  /** The names of all tensors, in the order of the file. */
  Set<String> names();

  /**
   * The shape of a tensor, outermost dimension first.
   *
   * @throws org.tlora.fault.InputFault if there is no such tensor
   */
  long[] shape(String name);

  /**
   * Reads a tensor into memory of its own, converted to {@code type}. The caller (or its scope)
   * owns it.
   *
   * @throws org.tlora.fault.InputFault if there is no such tensor
   */
  Tensor load(String name, DType type);

  /**
   * Some rows of a matrix; the caller (or its scope) owns them.
   *
   * @return [count, columns] in {@code type}
   * @throws org.tlora.fault.InputFault if there is no such tensor
   */
  default Tensor loadRows(String name, long from, long count, DType type) {
    try (Scope scope = new Scope()) {
      return scope.keep(load(name, type).narrow(0, from, count).copy());
    }
  }

  /**
   * A matrix in the codes that it is held in, read into memory of its own, which the caller owns.
   * The same numbers as those of {@link #load}.
   *
   * @return empty where the tensor is no matrix, or is held as plain numbers
   * @throws org.tlora.fault.InputFault if there is no such tensor, or its codes are damaged
   */
  default Optional<CodedMatrix> coded(String name) {
    return Optional.empty();
  }

  /**
   * Whether {@link #coded} has the matrix; nothing of it is read.
   *
   * @throws org.tlora.fault.InputFault if there is no such tensor
   */
  default boolean isCoded(String name) {
    return false;
  }

  /**
   * What a tensor takes on disk.
   *
   * @param type what the format calls its elements, such as {@code BF16}, {@code Q4_K} or {@code
   *     nf4}
   * @param bytes with all that belongs to its codes
   */
  record Stored(String type, long bytes) {}

  /**
   * What a tensor takes on disk; empty where it is not known, as of one that is made on loading.
   *
   * @throws org.tlora.fault.InputFault if there is no such tensor
   */
  default Optional<Stored> stored(String name) {
    return Optional.empty();
  }

  /**
   * Whether {@link #coded} has other numbers than {@link #load}: those that matrices are rounded to
   * as they are read.
   */
  default boolean rounds() {
    return false;
  }

  /** Where {@link #load} puts tensors. */
  default Device device() {
    return Device.CPU;
  }

  @Override
  void close();
}
