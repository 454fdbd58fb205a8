/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.adapter;

import java.util.List;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * Factors of a greater rank with the same product: what is added to one of them is zero. The
 * other's is what a new LoRA starts with, since both would stay zero in training if they were: rows
 * of A uniform within ±1/√in, or, where tokens are looked up, normal columns of B. These numbers
 * follow from the module's name.
 */
public final class PaddedFactors {
  private PaddedFactors() {}

  /**
   * Factors of a rank, which those that have it already are themselves.
   *
   * @param module its path
   * @param lookup whether tokens are looked up in it
   * @param rank at least that of the factors
   * @return owned by the caller's scope
   */
  public static LoraFactors of(LoraFactors f, String module, boolean lookup, long rank) {
    long more = rank - f.a().size(0);
    if (more <= 0) {
      return f;
    }
    try (Scope scope = new Scope();
        Random random = new Random(f.a().device(), module.hashCode())) {
      long in = f.a().size(1);
      long out = f.b().size(0);
      double bound = 1 / Math.sqrt((double) in);
      Tensor rows =
          lookup
              ? f.a().newZeros(f.a().dtype(), more, in)
              : random.uniform(-bound, bound, more, in);
      Tensor columns =
          lookup ? random.normal(0, 1, out, more) : f.b().newZeros(f.b().dtype(), out, more);
      return new LoraFactors(
          scope.keep(Tensor.cat(List.of(f.a(), rows), 0)),
          scope.keep(Tensor.cat(List.of(f.b(), columns), 1)),
          f.bias(),
          f.magnitude(),
          f.scaling(),
          0);
    }
  }
}
