/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/** Which values of a tensor are kept where that is random. */
public interface KeptMasks {
  /** Which tensor of an adapter at a module it is. */
  enum Of {
    /** A, [rank, in]. */
    A,
    /** B, [out, rank]. */
    B,
    /** Δ, [out, in]. */
    DELTA,
    /** The bias of B, [out]. */
    BIAS
  }

  /**
   * A mask.
   *
   * @param module path of the module, without what wrappers put in
   * @param adapter which of the combined adapters, from 0
   * @param density the probability of each value to be kept
   * @param shape of the tensor
   * @return 1 where a value is kept, else 0, float32; owned by the caller's scope
   */
  Tensor kept(String module, int adapter, Of of, double density, long[] shape);

  /**
   * Masks that follow from a seed: each tensor's from the seed, its module's path, the adapter's
   * place and what it is, so that it does not matter which other modules there are.
   */
  static KeptMasks seeded(long seed) {
    return (module, adapter, of, density, shape) -> {
      long ofModule = Random.mix(Random.mix(seed, module.hashCode()), adapter);
      long start = Random.mix(ofModule, of.name().hashCode());
      try (Scope scope = new Scope();
          Random random = new Random(Device.CPU, start)) {
        Tensor drawn = random.uniform(0, 1, shape);
        return scope.keep(drawn.lessThan(density).to(DType.FLOAT32));
      }
    };
  }
}
