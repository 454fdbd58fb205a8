/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/** What processes bring together is the same in all of them. */
class GlooGroupTest {
  private static final long SLICE = 1000;

  private static float[] values(int rank, long n) {
    SplittableRandom draw = new SplittableRandom(rank);
    float[] all = new float[(int) n];
    for (int i = 0; i < all.length; i++) {
      all[i] = (float) draw.nextDouble(-1, 1);
    }
    return all;
  }

  private static float[] sums(int size, long n) {
    double[] sums = new double[(int) n];
    for (int r = 0; r < size; r++) {
      float[] each = values(r, n);
      for (int i = 0; i < sums.length; i++) {
        sums[i] += each[i];
      }
    }
    float[] all = new float[sums.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = (float) sums[i];
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void numbersAndBytes(int size) throws Exception {
    TogetherInThreads.run(
        size,
        group -> {
          int rank = group.rank();
          double whole = size * (size - 1) / 2.0;
          assertArrayEquals(new double[] {whole, size}, group.sum(rank, 1));
          assertEquals(true, group.any(rank == size - 1));
          assertEquals(false, group.any(false));
          assertEquals(false, group.first(rank > 0));
          List<byte[]> parts = group.gather("x".repeat(rank * 3).getBytes(UTF_8));
          for (int r = 0; r < size; r++) {
            assertEquals("x".repeat(r * 3), new String(parts.get(r), UTF_8));
          }
          byte[] told = group.broadcast(("of " + rank).getBytes(UTF_8), size - 1);
          assertEquals("of " + (size - 1), new String(told, UTF_8));
          assertArrayEquals(new byte[0], group.broadcast(new byte[0], 0));
          group.barrier();
          return null;
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void tensorsOfSeveralShapesAndTypes(int size) throws Exception {
    List<float[]> all =
        TogetherInThreads.run(
            size,
            group -> {
              try (Scope scope = new Scope()) {
                float[] own = values(group.rank(), 600);
                Tensor a = Tensor.ofFloats(Device.CPU, own, 20, 30);
                Tensor turned = Tensor.ofFloats(Device.CPU, own, 30, 20).t();
                Tensor b = Tensor.ofFloats(Device.CPU, own, 600).to(DType.BFLOAT16);
                Tensor none = Tensor.zeros(Device.CPU, DType.FLOAT32, 0);
                group.sum(List.of(a, b, turned, none));
                assertArrayEquals(sums(size, 600), a.toFloats(), 1e-6f);
                assertArrayEquals(sums(size, 600), turned.t().toFloats(), 1e-6f);
                assertArrayEquals(sums(size, 600), b.toFloats(), 0.05f);
                Tensor c = Tensor.ofFloats(Device.CPU, values(group.rank(), 7), 7);
                group.broadcast(List.of(c), size - 1);
                assertArrayEquals(values(size - 1, 7), c.toFloats());
                return a.toFloats();
              }
            });
    for (float[] each : all) {
      assertArrayEquals(all.get(0), each, "to the bit");
    }
  }

  /** As on a slow network: Gloo closes connections whose sends and receives run out of time. */
  @Test
  void slicesWaitForWhoeverIsLate() throws Exception {
    TogetherInThreads.run(
        3,
        group -> {
          try (Scope scope = new Scope()) {
            Thread.sleep(group.rank() * 400L);
            Tensor own = Tensor.ofFloats(Device.CPU, values(group.rank(), 3 * SLICE), 3 * SLICE);
            group.beginSumOfSlices(own).await();
            group.gatherSlices(own);
            assertArrayEquals(sums(3, 3 * SLICE), own.toFloats(), 1e-6f);
            return null;
          }
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void slicesAndWhatIsUnderWay(int size) throws Exception {
    long n = SLICE * size;
    TogetherInThreads.run(
        size,
        group -> {
          try (Scope scope = new Scope()) {
            List<Tensor> whole = new ArrayList<>();
            List<Tensor> sliced = new ArrayList<>();
            List<Collective.Pending> pending = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
              whole.add(Tensor.ofFloats(Device.CPU, values(group.rank(), n), n));
              sliced.add(Tensor.ofFloats(Device.CPU, values(group.rank(), n), n));
              pending.add(group.beginSum(whole.get(i)));
              pending.add(group.beginSumOfSlices(sliced.get(i)));
            }
            pending.forEach(Collective.Pending::await);
            for (int i = 0; i < 3; i++) {
              assertArrayEquals(sums(size, n), whole.get(i).toFloats(), 1e-6f);
              Tensor own = sliced.get(i).narrow(0, SLICE * group.rank(), SLICE);
              Tensor same = whole.get(i).narrow(0, SLICE * group.rank(), SLICE);
              assertArrayEquals(same.toFloats(), own.toFloats(), 1e-6f);
              group.gatherSlices(sliced.get(i));
              assertArrayEquals(sums(size, n), sliced.get(i).toFloats(), 1e-6f);
            }
            return null;
          }
        });
  }
}
