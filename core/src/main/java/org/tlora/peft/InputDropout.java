package org.tlora.peft;

import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.Linear;
import org.tlora.model.Pass;

/**
 * Dropout on an adapter's input. A mask comes from the pass's seed and the layer's name, so that a
 * layer that is run again drops the same.
 *
 * @param probability of an element to be dropped
 */
record InputDropout(double probability) {
  /**
   * 0 with that probability, else 1/(1 − p); owned by the caller's scope. Null where nothing is
   * dropped.
   */
  Tensor mask(Pass pass, Linear linear, Tensor input) {
    if (probability == 0 || pass.dropoutSeed() == null) {
      return null;
    }
    long seed = Random.mix(pass.dropoutSeed(), linear.name().hashCode());
    try (Scope scope = new Scope();
        Random random = new Random(seed)) {
      Tensor keep = random.uniform(0, 1, input.shape()).lessThan(1 - probability);
      return scope.keep(keep.to(input.dtype()).mulInPlace(1 / (1 - probability)));
    }
  }

  /** {@code dx += dh A}, through a mask where there is one. */
  static void toInput(Tensor dx, Tensor dh, Tensor a, Tensor mask) {
    if (mask == null) {
      dx.addmmInPlace(dh, a, 1);
    } else {
      dx.addcmulInPlace(dh.mm(a), mask, 1);
    }
  }
}
