/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.tlora.engine.CodedMatrix;
import org.tlora.engine.DType;
import org.tlora.engine.DenseRows;
import org.tlora.engine.Device;
import org.tlora.engine.Engine;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.format.Json;
import org.tlora.quantise.BlockMatrix;
import org.tlora.quantise.Rounding;
import org.tlora.quantise.block.Q4_0;
import org.tlora.quantise.block.Q4_1;
import org.tlora.quantise.block.Q4_K;
import org.tlora.quantise.block.Q5_0;
import org.tlora.quantise.block.Q5_1;
import org.tlora.quantise.block.Q5_K;
import org.tlora.quantise.block.Q6_K;
import org.tlora.quantise.block.Q8_0;
import org.tlora.quantise.block.WritableCode;

/**
 * What it takes to bring a matrix of 4096×4096 back from each code, and to multiply one row with
 * it, beside the product with many tokens that it is brought back for, and beside reading memory.
 */
public final class CodesBenchmark {
  private static final long SIZE = 4096;
  private static final long BAND_ROWS = 1024;
  private static final int BEST_OF = 12;

  private CodesBenchmark() {}

  /** Arguments: threads, and the tokens of the product. Prints a line of JSON for each code. */
  public static void main(String[] args) {
    Engine.setThreads(Integer.parseInt(args[0]));
    long tokens = Long.parseLong(args[1]);
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 1)) {
      Tensor dense = random.normal(0, 0.02, SIZE, SIZE);
      Map<DType, Double> products = new LinkedHashMap<>();
      for (DType type : new DType[] {DType.FLOAT32, DType.BFLOAT16}) {
        Tensor w = dense.to(type);
        Tensor x = random.normal(0, 1, tokens, SIZE).to(type);
        products.put(type, best(() -> x.mm(w.t())));
      }
      double reading = 4.0 * SIZE * SIZE / best(() -> dense.sum()) / 1e9;
      for (Map.Entry<String, Function<Tensor, CodedMatrix>> code : codes().entrySet()) {
        try (CodedMatrix matrix = code.getValue().apply(dense)) {
          measure(code.getKey(), matrix, products, reading, random);
        }
      }
    }
  }

  private static Map<String, Function<Tensor, CodedMatrix>> codes() {
    Map<String, Function<Tensor, CodedMatrix>> all = new LinkedHashMap<>();
    for (Rounding form : new Rounding[] {Rounding.NF4, Rounding.INT8}) {
      all.put(form.label(), form::round);
    }
    for (WritableCode code :
        new WritableCode[] {
          new Q4_0(),
          new Q4_1(),
          new Q5_0(),
          new Q5_1(),
          new Q8_0(),
          new Q4_K(),
          new Q5_K(),
          new Q6_K()
        }) {
      all.put(code.label(), dense -> BlockMatrix.of(code, DenseRows.of(dense)));
    }
    return all;
  }

  private static void measure(
      String name, CodedMatrix matrix, Map<DType, Double> products, double reading, Random random) {
    var line = Json.object().put("code", name);
    double numbers = (double) SIZE * SIZE;
    products.forEach(
        (type, product) -> {
          Tensor band = Tensor.empty(Device.CPU, type, BAND_ROWS, SIZE);
          double seconds = best(() -> bringBack(matrix, band));
          line.put(type + "_weights_per_ns", numbers / seconds / 1e9);
          line.put(type + "_of_product", seconds / product);
        });
    Tensor row = random.normal(0, 1, 1, SIZE);
    double one = best(() -> matrix.productOfFew(row));
    line.put("one_row_weights_per_ns", numbers / one / 1e9);
    line.put("one_row_gb_per_s", matrix.bytes() / one / 1e9);
    line.put("memory_gb_per_s", reading);
    System.out.println(Json.compact(line));
  }

  /** A band of rows after the other into the same memory, as in training. */
  private static void bringBack(CodedMatrix matrix, Tensor band) {
    for (long from = 0; from < SIZE; from += BAND_ROWS) {
      matrix.expand(from, band);
    }
  }

  private static double best(Runnable what) {
    double best = Double.POSITIVE_INFINITY;
    for (int i = 0; i < BEST_OF; i++) {
      try (Scope scope = new Scope()) {
        long start = System.nanoTime();
        what.run();
        best = Math.min(best, (System.nanoTime() - start) / 1e9);
      }
    }
    return best;
  }
}
