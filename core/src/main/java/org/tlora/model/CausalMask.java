/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/** Masks that are added to scores, [queries, keys] float32; 0 where a key is seen. */
final class CausalMask {
  private CausalMask() {}

  /**
   * The last {@code queries} of {@code keys} tokens see themselves and what is before them, at most
   * {@code window} in all.
   *
   * @param window 0: any number
   * @param hidden the value where a key is not seen
   */
  static Tensor of(Device device, long queries, long keys, int window, double hidden) {
    try (Scope scope = new Scope()) {
      long offset = keys - queries;
      Tensor all = Tensor.empty(device, DType.FLOAT32, queries, keys).fillInPlace(hidden);
      Tensor later = all.upperTriangle(offset + 1);
      return scope.keep(window == 0 ? later : later.addInPlace(all.lowerTriangle(offset - window)));
    }
  }
}
