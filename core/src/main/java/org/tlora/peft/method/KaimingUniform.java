/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import org.tlora.engine.DType;
import org.tlora.engine.Random;
import org.tlora.engine.Tensor;
import org.tlora.model.Linear;

/**
 * LoRA's start: A Kaiming-uniform with a = √5, which is uniform within ±1/√in, and B = 0. Where
 * tokens are looked up it is the other way round, as in HF PEFT: A = 0 and B normal.
 */
final class KaimingUniform {
  private KaimingUniform() {}

  /** A, [rank, in] float32. */
  static Tensor a(Linear layer, int rank, Random random) {
    if (layer.isLookup()) {
      return Tensor.zeros(layer.device(), DType.FLOAT32, rank, layer.inFeatures());
    }
    double bound = 1 / Math.sqrt((double) layer.inFeatures());
    return random.uniform(-bound, bound, rank, layer.inFeatures());
  }

  /** B, [out, rank] float32. */
  static Tensor b(Linear layer, int rank, Random random) {
    return layer.isLookup()
        ? random.normal(0, 1, layer.outFeatures(), rank)
        : Tensor.zeros(layer.device(), DType.FLOAT32, layer.outFeatures(), rank);
  }
}
