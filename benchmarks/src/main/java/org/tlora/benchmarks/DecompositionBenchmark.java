/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.benchmarks;

import java.util.Arrays;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Engine;
import org.tlora.engine.LinearAlgebra;
import org.tlora.engine.ProcessMemory;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.format.Json;

/**
 * The leading directions of W·C for random W and the covariance of inputs that fall off like 1/√i.
 */
public final class DecompositionBenchmark {
  private static final int SAMPLES = 2048;

  private DecompositionBenchmark() {}

  /** Arguments: rows, columns, rank, and how often (the median counts; once if left out). */
  public static void main(String[] args) {
    long rows = Long.parseLong(args[0]);
    int columns = Integer.parseInt(args[1]);
    long rank = Long.parseLong(args[2]);
    Engine.setThreads(2);
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 0)) {
      Tensor w = random.normal(0, 1 / Math.sqrt(columns), rows, columns);
      float[] scales = new float[columns];
      for (int i = 0; i < columns; i++) {
        scales[i] = (float) (1 / Math.sqrt(i + 1.0));
      }
      Tensor x =
          random.normal(0, 1, SAMPLES, columns).mul(Tensor.ofFloats(Device.CPU, scales, columns));
      Tensor c = x.t().mm(x);
      double[] seconds = new double[args.length > 3 ? Integer.parseInt(args[3]) : 1];
      Tensor v = null;
      for (int i = 0; i < seconds.length; i++) {
        long start = System.nanoTime();
        v = LinearAlgebra.rightSingularVectors(w, c, rank);
        seconds[i] = (System.nanoTime() - start) / 1e9;
      }
      Arrays.sort(seconds);
      double captured = w.mm(c.mm(v.t())).to(DType.FLOAT64).norm64();
      System.out.println(
          Json.compact(
              Json.object()
                  .put("seconds", seconds[seconds.length / 2])
                  .put("captured", captured)
                  .put("peak_bytes", ProcessMemory.peakBytes())));
    }
  }
}
