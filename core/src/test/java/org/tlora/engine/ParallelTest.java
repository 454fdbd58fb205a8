package org.tlora.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ParallelTest {
  private static final List<Integer> ITEMS = IntStream.range(0, 40).boxed().toList();

  private static float[] work(int seed) {
    try (Scope scope = new Scope();
        Random random = new Random(seed)) {
      Tensor m = random.normal(0, 1, 150, 90);
      return LinearAlgebra.rightSingularVectors(m, m.t().mm(m), 5).toFloats();
    }
  }

  @Test
  void resultsComeInOrderWithTheSameBitsForAnyNumberOfThreads() {
    int threads = Engine.threads();
    try {
      Engine.setThreads(1);
      List<float[]> one = Parallel.map(ITEMS, ParallelTest::work);
      Engine.setThreads(3);
      List<float[]> three = Parallel.map(ITEMS, ParallelTest::work);
      assertEquals(3, Engine.threads(), "the caller keeps its number of threads");
      for (int i = 0; i < ITEMS.size(); i++) {
        assertArrayEquals(one.get(i), three.get(i), 0f);
      }
    } finally {
      Engine.setThreads(threads);
    }
  }

  @Test
  void theFirstFailureIsThrown() {
    RuntimeException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Parallel.map(
                    ITEMS,
                    i -> {
                      if (i == 7) {
                        throw new IllegalArgumentException("seven");
                      }
                      return i;
                    }));
    assertEquals("seven", e.getMessage());
  }
}
