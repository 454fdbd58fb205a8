/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.calibrate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.collective.TogetherInThreads;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/** What processes have summed of their own rows is, joined, the sum over all rows. */
class SharedOuterProductsTest {
  private static Tensor rows(int rank, long size) {
    try (Random random = new Random(Device.CPU, rank)) {
      return random.normal(0, 1, 3 + rank, size);
    }
  }

  /** In one block, and in several of which only those above the diagonal are sent. */
  @ParameterizedTest
  @ValueSource(longs = {96, 1300})
  void joined(long size) throws Exception {
    float[] whole;
    try (Scope scope = new Scope()) {
      Tensor sum = Tensor.zeros(Device.CPU, DType.FLOAT32, size, size);
      for (int rank = 0; rank < 3; rank++) {
        sum.addmmInPlace(rows(rank, size).t(), rows(rank, size), 1);
      }
      whole = sum.toFloats();
    }
    TogetherInThreads.run(
        3,
        group -> {
          OuterProducts own = new OuterProducts(Device.CPU, size);
          try (Scope scope = new Scope()) {
            own.add(rows(group.rank(), size));
            own.join(group);
          }
          try (Tensor all = own.take(1)) {
            assertArrayEquals(whole, all.toFloats(), 1e-4f);
          }
          return null;
        });
  }
}
