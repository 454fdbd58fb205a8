/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import org.tlora.engine.Computation.Lie;

/**
 * Two matrices to multiply, a [n, k] and b [k, m], with what decides how: each question to a native
 * tensor costs a call, so that it is asked once.
 */
record Factors(Tensor a, Tensor b, long n, long k, long m, Lie ofA, Lie ofB) {
  static Factors of(Tensor a, Tensor b) {
    long n = a.size(0);
    long k = a.size(1);
    return new Factors(a, b, n, k, b.size(1), Lie.of(a, n), Lie.of(b, k));
  }

  /** Whether nothing of both has gaps, without which oneDNN is slow beyond all measure. */
  boolean areDense() {
    return ofA != Lie.GAPS && ofB != Lie.GAPS;
  }

  /** Multiplications. */
  double work() {
    return (double) n * k * m;
  }

  /** With another right factor that lies as this one does. */
  Factors withRight(Tensor other) {
    return new Factors(a, other, n, k, m, ofA, ofB);
  }

  /** With the first rows of a alone, in the caller's scope. */
  Factors withRows(long rows) {
    return new Factors(a.narrow(0, 0, rows), b, rows, k, m, ofA, ofB);
  }
}
