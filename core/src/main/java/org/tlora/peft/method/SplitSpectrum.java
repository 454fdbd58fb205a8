/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import java.util.Arrays;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.peft.adapter.LoraFactors;
import org.tlora.peft.adapter.PeftAdapter;

/** The singular values of which a start has put a root into B. */
final class SplitSpectrum {
  private SplitSpectrum() {}

  /** σᵢ = s·‖bᵢ‖² of the columns of B₀ = U √(σ/s), the largest first. */
  static double[] of(PeftAdapter started) {
    try (Scope scope = new Scope()) {
      LoraFactors f = started.factors();
      Tensor fixed = f.b().narrow(1, f.b().size(1) - f.fixedRank(), f.fixedRank());
      double[] squares = fixed.square().sum(0, false).toDoubles();
      return Arrays.stream(squares).map(v -> f.scaling() * v).toArray();
    }
  }
}
