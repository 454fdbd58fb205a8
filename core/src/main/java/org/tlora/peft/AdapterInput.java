package org.tlora.peft;

import org.tlora.autograd.Tape;
import org.tlora.engine.DType;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.Linear;
import org.tlora.model.Pass;

/**
 * What goes into an adapter: the layer's input after dropout, and its product with A.
 *
 * <p>A dropout mask comes from the pass's seed and the layer's name, so that a layer that is run
 * again drops the same.
 *
 * @param x [tokens, in], or null where nobody needs it on the way back
 * @param h x Aᵀ, [tokens, rank]
 * @param mask 0 or 1/(1 − p) for each element of the layer's input, or null without dropout
 */
record AdapterInput(Tensor x, Tensor h, Tensor mask) implements AutoCloseable {
  /**
   * Drops and multiplies; owned by the caller's scope.
   *
   * @param input [tokens, in]
   * @param a [rank, in], in the input's type
   * @param dropout the probability of an element to be dropped
   */
  static AdapterInput of(Pass pass, Linear linear, Tensor input, Tensor a, double dropout) {
    Tensor mask =
        dropout == 0 || pass.dropoutSeed() == null
            ? null
            : mask(Random.mix(pass.dropoutSeed(), linear.name().hashCode()), input, dropout);
    Tensor x = mask == null ? input : input.mul(mask);
    return new AdapterInput(x, x.mm(a.t()), mask);
  }

  private static Tensor mask(long seed, Tensor input, double dropout) {
    try (Scope scope = new Scope();
        Random random = new Random(seed)) {
      Tensor keep = random.uniform(0, 1, input.shape()).lessThan(1 - dropout);
      return scope.keep(keep.to(input.dtype()).mulInPlace(1 / (1 - dropout)));
    }
  }

  /** The same, owned by the caller until it closes it. */
  AdapterInput kept(boolean withX) {
    return new AdapterInput(
        withX ? Tape.save(x) : null,
        h.detachFromScope(),
        mask == null ? null : mask.detachFromScope());
  }

  /**
   * {@code db += scale · dyᵀ h}, in float32, owned by the caller's scope.
   *
   * @param dy [tokens, out]
   * @param h [tokens, rank]
   */
  static Tensor gradientOfB(Tensor dy, Tensor h, double scale) {
    return dy.t().mm(h).to(DType.FLOAT32).mulInPlace(scale);
  }

  /** {@code dx += dh A}, through the mask where there is one. */
  void addTo(Tensor dx, Tensor dh, Tensor a) {
    if (mask == null) {
      dx.addmmInPlace(dh, a, 1);
    } else {
      dx.addcmulInPlace(dh.mm(a), mask, 1);
    }
  }

  @Override
  public void close() {
    h.close();
    if (x != null) {
      x.close();
    }
    if (mask != null) {
      mask.close();
    }
  }
}
