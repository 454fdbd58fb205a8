/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class Int8MatrixTest {
  /** Rounding is off by half a step, a step being a 127th of a row's greatest number. */
  @Property(tries = 40)
  void productsAreNearThoseOfTheMatrix(
      @ForAll @IntRange(min = 1, max = 40) int rows,
      @ForAll @IntRange(min = 1, max = 200) int columns,
      @ForAll @IntRange(min = 1, max = 150) int outputs,
      @ForAll @IntRange(min = 0, max = 3) int magnitude,
      @ForAll long seed) {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed)) {
      Tensor w = random.normal(0, Math.pow(10, magnitude - 2), outputs, columns);
      Tensor x = random.normal(0, 1, rows, columns);
      try (Int8Matrix int8 = Int8Matrix.of(w)) {
        assertEquals(outputs, int8.rows());
        Tensor exact = x.mm(w.t());
        Tensor product = int8.productOfFew(x);
        if (rows < 32) {
          double off = product.sub(exact).norm() / exact.norm();
          assertTrue(off < 0.03, "off by " + off);
        } else {
          assertNull(product, "many rows are better brought back");
        }
        Tensor back = Tensor.empty(Device.CPU, DType.FLOAT32, outputs, columns);
        int8.expand(0, back);
        double off = back.sub(w).norm() / w.norm();
        assertTrue(off < 0.03, "off by " + off);
      }
    }
  }

  @Test
  void wholeNumbersWithinReachAndZerosStay() {
    try (Scope scope = new Scope()) {
      Tensor w = Tensor.ofFloats(Device.CPU, new float[] {0, 0, 0, 0, 127, -64, 3, 0}, 2, 4);
      Tensor x = Tensor.ofFloats(Device.CPU, new float[] {1, 0, 0, 0, 0, 1, 0, 0}, 2, 4);
      try (Int8Matrix int8 = Int8Matrix.of(w)) {
        float[] y = int8.productOfFew(x).toFloats(); // [x, row]
        assertEquals(0, y[0]);
        assertEquals(127, y[1], 0.6);
        assertEquals(-64, y[3], 0.6);
      }
    }
  }
}
