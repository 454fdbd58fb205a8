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

    @Override
    void gradient(Tensor x, Tensor dy, Tensor dx) {
      dx.copySiluGradient(x, dy);
    }
  },
  /** max(x, 0). */
  RELU {
    @Override
    Tensor apply(Tensor x) {
      return x.mul(positive(x));
    }

    @Override
    void gradient(Tensor x, Tensor dy, Tensor dx) {
      dx.copyProduct(dy, positive(x));
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
    void gradient(Tensor x, Tensor dy, Tensor dx) {
      dx.copyProduct(x.copy().tanhInPlace().square().negInPlace().addInPlace(1), dy);
    }
  },
  /** x·Φ(x). */
  GELU {
    @Override
    Tensor apply(Tensor x) {
      return x.gelu(false);
    }

    @Override
    void gradient(Tensor x, Tensor dy, Tensor dx) {
      dx.copyGeluGradient(x, dy, false);
    }
  },
  /** The approximation of x·Φ(x) by a hyperbolic tangent. */
  GELU_TANH {
    @Override
    Tensor apply(Tensor x) {
      return x.gelu(true);
    }

    @Override
    void gradient(Tensor x, Tensor dy, Tensor dx) {
      dx.copyGeluGradient(x, dy, true);
    }
  };

  /** The value, in memory of its own; owned by the caller's scope. */
  abstract Tensor apply(Tensor x);

  /**
   * Writes ∂/∂x over {@code dx}, for the gradient {@code dy} by the value. All are of one shape,
   * and {@code dx} may be {@code dy} itself.
   */
  abstract void gradient(Tensor x, Tensor dy, Tensor dx);
}
