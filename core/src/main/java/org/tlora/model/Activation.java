/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import org.tlora.engine.Tensor;

/** The nonlinearity of a feed-forward network. */
public enum Activation {
  /** x·sigmoid(x). */
  SILU {
    @Override
    Tensor apply(Tensor x) {
      return x.silu();
    }

    /** silu′(x) = σ + silu(x) − silu(x) σ. */
    @Override
    Tensor gradient(Tensor x, Tensor dy) {
      Tensor sigma = x.sigmoid();
      Tensor silu = sigma.mul(x);
      return silu.mul(sigma).negInPlace().addInPlace(sigma).addInPlace(silu).mulInPlace(dy);
    }
  },
  /** max(x, 0). */
  RELU {
    @Override
    Tensor apply(Tensor x) {
      return x.mul(positive(x));
    }

    @Override
    Tensor gradient(Tensor x, Tensor dy) {
      return dy.mul(positive(x));
    }

    private Tensor positive(Tensor x) {
      return x.mul(-1).lessThan(0).to(x.dtype());
    }
  },
  /** The hyperbolic tangent, whose slope is 1 − tanh². */
  TANH {
    @Override
    Tensor apply(Tensor x) {
      return x.copy().tanhInPlace();
    }

    @Override
    Tensor gradient(Tensor x, Tensor dy) {
      return x.copy().tanhInPlace().square().negInPlace().addInPlace(1).mulInPlace(dy);
    }
  },
  /** x·Φ(x). */
  GELU {
    @Override
    Tensor apply(Tensor x) {
      return x.gelu(false);
    }

    @Override
    Tensor gradient(Tensor x, Tensor dy) {
      return x.geluGradient(dy, false);
    }
  },
  /** The approximation of x·Φ(x) by a hyperbolic tangent. */
  GELU_TANH {
    @Override
    Tensor apply(Tensor x) {
      return x.gelu(true);
    }

    @Override
    Tensor gradient(Tensor x, Tensor dy) {
      return x.geluGradient(dy, true);
    }
  };

  /** The value, in memory of its own; owned by the caller's scope. */
  abstract Tensor apply(Tensor x);

  /** ∂/∂x for the gradient by the value, in memory of its own; owned by the caller's scope. */
  abstract Tensor gradient(Tensor x, Tensor dy);
}
