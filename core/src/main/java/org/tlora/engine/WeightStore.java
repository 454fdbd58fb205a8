/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

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

  /** Where {@link #load} puts tensors. */
  default Device device() {
    return Device.CPU;
  }

  @Override
  void close();
}
