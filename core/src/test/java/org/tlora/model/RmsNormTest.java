/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.DecoderConfig.NormConfig;

class RmsNormTest {
  /** A token by itself, many without a way back and many with one take different ways. */
  @Test
  void oneRowIsNormalisedAsManyAre() {
    RandomWeights weights = new RandomWeights(5).with("norm.weight", 96);
    NormConfig config = new NormConfig(DecoderConfig.NormPlacement.BEFORE, 1e-5, false);
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 3);
        RmsNorm norm = RmsNorm.load(weights, "norm", 96, config)) {
      for (double size : new double[] {1e-4, 1, 1e3}) { // the smallest is of epsilon's size
        Tensor x = random.normal(0, size, 7, 96);
        Tensor exact =
            x.to(DType.FLOAT64)
                .mul(x.to(DType.FLOAT64).square().mean(1, true).addInPlace(1e-5).rsqrtInPlace())
                .mul(norm.weight().to(DType.FLOAT64));
        Tensor many = norm.normalise(x, false).y();
        Tensor recorded = norm.normalise(x, true).y();
        for (int row = 0; row < 7; row++) {
          Tensor alone = norm.normalise(x.narrow(0, row, 1), false).y();
          Tensor expected = exact.narrow(0, row, 1);
          double most = 1e-6 * expected.norm64();
          for (Tensor y :
              new Tensor[] {alone, many.narrow(0, row, 1), recorded.narrow(0, row, 1)}) {
            assertEquals(0, y.to(DType.FLOAT64).sub(expected).norm64(), most);
          }
        }
      }
    }
  }
}
