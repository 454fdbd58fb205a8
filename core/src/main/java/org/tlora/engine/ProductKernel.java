/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** A way to multiply two float32 matrices. */
enum ProductKernel {
  /** The BLAS behind libtorch. */
  BLAS {
    @Override
    Tensor product(Tensor a, Tensor b) {
      return new Tensor(a.p.mm(b.p));
    }
  },
  /** oneDNN, which libtorch itself takes for bfloat16 only. */
  ONEDNN {
    @Override
    boolean fits(Tensor a, Tensor b) {
      return OneDnn.isThere();
    }

    @Override
    Tensor product(Tensor a, Tensor b) {
      return OneDnn.product(a, b);
    }
  },
  /** oneDNN with the larger matrix as the left factor, which for some rows is much faster. */
  ONEDNN_TURNED {
    @Override
    boolean fits(Tensor a, Tensor b) {
      return OneDnn.isThere() && OneDnn.canTurn(a, b);
    }

    @Override
    Tensor product(Tensor a, Tensor b) {
      return OneDnn.turned(a, b);
    }
  };

  /** a·b for a [n, k] and b [k, m]; owned by the caller's scope. */
  abstract Tensor product(Tensor a, Tensor b);

  /** Whether it is a way to multiply the two. */
  boolean fits(Tensor a, Tensor b) {
    return true;
  }

  /** As in files. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Optional<ProductKernel> named(String label) {
    return Arrays.stream(values()).filter(k -> k.label().equals(label)).findFirst();
  }
}
