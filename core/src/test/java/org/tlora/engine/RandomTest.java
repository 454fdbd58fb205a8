/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RandomTest {
  @Test
  void theSameSeedGivesTheSameBitsAndAnotherSeedOthers() {
    try (Scope scope = new Scope();
        Random a = new Random(Device.CPU, 5);
        Random b = new Random(Device.CPU, 5);
        Random c = new Random(Device.CPU, 6)) {
      float[] first = a.normal(0, 1, 100).toFloats();
      assertArrayEquals(first, b.normal(0, 1, 100).toFloats());
      assertFalse(Arrays.equals(first, c.normal(0, 1, 100).toFloats()));
    }
  }

  @Test
  void theComputeTypeFollowsTheProcessor() {
    assertEquals(DType.FLOAT32, new Processor("old", "", Set.of("avx2")).computeType());
    assertEquals(DType.BFLOAT16, new Processor("new", "", Set.of("avx512_bf16")).computeType());
    assertEquals(DType.BFLOAT16, new Processor("amx", "", Set.of("amx_bf16")).computeType());
  }

  @Test
  void threadsMustBePositive() {
    assertThrows(IllegalArgumentException.class, () -> Engine.setThreads(0));
    int before = Engine.threads();
    Engine.setThreads(1);
    assertEquals(1, Engine.threads());
    Engine.setThreads(before);
  }
}
