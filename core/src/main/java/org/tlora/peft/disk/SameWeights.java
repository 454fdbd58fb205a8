/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import java.util.Arrays;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/** Compares weights that two programs may have saved in types of their own. */
final class SameWeights {
  private SameWeights() {}

  /** Whether two tensors hold the same numbers, as far as the coarser type has them. */
  static boolean are(Tensor a, Tensor b) {
    try (Scope scope = new Scope()) {
      DType coarser = a.dtype().bytes() <= b.dtype().bytes() ? a.dtype() : b.dtype();
      return Arrays.equals(a.shape(), b.shape())
          && a.to(coarser).to(DType.FLOAT32).sub(b.to(coarser).to(DType.FLOAT32)).absoluteSum()
              == 0;
    }
  }
}
