/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** A way to multiply two matrices of float32 or bfloat16. */
enum ProductKernel {
  /** The BLAS behind libtorch. */
  BLAS {
    @Override
    Tensor product(Factors f) {
      return new Tensor(f.a().p.mm(f.b().p));
    }
  },
  /** oneDNN, which libtorch itself takes for bfloat16 only, and by another of its functions. */
  ONEDNN {
    @Override
    boolean fits(Factors f) {
      return OneDnn.isThere();
    }

    @Override
    Tensor product(Factors f) {
      return OneDnn.product(f);
    }
  },
  /** oneDNN with the larger matrix as the left factor, which for some rows is much faster. */
  ONEDNN_TURNED {
    @Override
    boolean fits(Factors f) {
      return OneDnn.isThere() && OneDnn.canTurn(f);
    }

    @Override
    Tensor product(Factors f) {
      return OneDnn.turned(f);
    }
  };

  /** a·b, [n, m]; owned by the caller's scope. */
  abstract Tensor product(Factors f);

  /** Whether it is a way to multiply the two. */
  boolean fits(Factors f) {
    return true;
  }

  /** This, or else the next simpler way that there is to multiply the two. */
  ProductKernel orSimpler(Factors f) {
    if (fits(f)) {
      return this;
    }
    return this == ONEDNN_TURNED ? ONEDNN.orSimpler(f) : BLAS;
  }

  /** As in files. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Optional<ProductKernel> named(String label) {
    return Arrays.stream(values()).filter(k -> k.label().equals(label)).findFirst();
  }
}
