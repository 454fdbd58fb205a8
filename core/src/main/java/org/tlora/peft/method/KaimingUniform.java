package org.tlora.peft.method;

import org.tlora.engine.DType;
import org.tlora.engine.Random;
import org.tlora.engine.Tensor;
import org.tlora.model.Linear;

/** LoRA's start: A Kaiming-uniform with a = √5, which is uniform within ±1/√in, and B = 0. */
final class KaimingUniform {
  private KaimingUniform() {}

  /** A, [rank, in] float32. */
  static Tensor a(Linear layer, int rank, Random random) {
    double bound = 1 / Math.sqrt((double) layer.inFeatures());
    return random.uniform(-bound, bound, rank, layer.inFeatures());
  }

  /** B, [out, rank] float32. */
  static Tensor b(Linear layer, int rank) {
    return Tensor.zeros(DType.FLOAT32, layer.outFeatures(), rank);
  }
}
