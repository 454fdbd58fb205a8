/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.calibrate;

import java.util.Arrays;
import java.util.List;
import org.tlora.engine.DType;
import org.tlora.engine.LinearAlgebra;
import org.tlora.engine.LinearAlgebra.Triplets;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * The principal components of rows that come in batches, of which nothing else is kept (Ross et
 * al., Int. J. Comput. Vision 77, 2008): with those so far as rows σᵢvᵢ, the batch less its mean,
 * and a row for how far the means lie apart, the leading right singular vectors of the whole are
 * the components of all rows. In float64; each component points to where its greatest number is
 * positive.
 */
final class IncrementalComponents implements AutoCloseable {
  private final int count;
  private Tensor directions; // [count, in] float64; null: no batch has come
  private Tensor mean; // [in] float64
  private double[] singularValues;
  private double[] cosines;
  private double variance; // of all rows, times their number
  private long rows;

  /** None yet. */
  IncrementalComponents(int count) {
    this.count = count;
    cosines = new double[count];
  }

  /** Whether a batch has come. */
  boolean isKnown() {
    return directions != null;
  }

  /**
   * Takes a batch of at least as many rows as there are components.
   *
   * @param x [rows, in]
   */
  void add(Tensor x) {
    try (Scope scope = new Scope()) {
      Tensor x64 = x.to(DType.FLOAT64);
      long n = x64.size(0);
      Tensor own = x64.mean(0, false);
      Tensor centred = x64.sub(own);
      double more = centred.device().isMeta() ? 1 : centred.square().sum().item();
      Tensor stacked = centred;
      Tensor before = directions;
      if (before != null) {
        double weight = (double) rows * n / (rows + n);
        Tensor apart = mean.sub(own).mulInPlace(Math.sqrt(weight));
        Tensor sigma = Tensor.ofDoubles(x.device(), singularValues, count);
        stacked =
            Tensor.cat(List.of(before.mul(sigma.unsqueeze(1)), centred, apart.unsqueeze(0)), 0);
        more += apart.device().isMeta() ? 0 : apart.square().sum().item();
      }
      Triplets t = LinearAlgebra.leadingTriplets(stacked, count);
      Tensor found = oriented(t.v());
      cosines = before == null ? new double[count] : cosines(found, before);
      Tensor nextMean =
          before == null
              ? own
              : mean.mul((double) rows / (rows + n)).addInPlace(own, (double) n / (rows + n));
      singularValues = found.device().isMeta() ? filled(1) : t.sigma().toDoubles();
      Tensor oldMean = mean;
      directions = found.detachFromScope();
      mean = nextMean.copy().detachFromScope();
      variance += more;
      rows += n;
      if (before != null) {
        before.close();
        oldMean.close();
      }
    }
  }

  private double[] filled(double value) {
    double[] all = new double[count];
    Arrays.fill(all, value);
    return all;
  }

  /** Rows of {@code v} whose greatest number by size is positive; owned by the caller's scope. */
  private static Tensor oriented(Tensor v) {
    if (v.device().isMeta()) {
      return v.copy();
    }
    try (Scope scope = new Scope()) {
      double[] greatest = v.greatest(1).toDoubles();
      double[] least = v.mul(-1).greatest(1).toDoubles();
      double[] signs = new double[greatest.length];
      for (int i = 0; i < signs.length; i++) {
        signs[i] = greatest[i] >= least[i] ? 1 : -1;
      }
      Tensor sign = Tensor.ofDoubles(v.device(), signs, signs.length, 1);
      return scope.keep(v.mul(sign));
    }
  }

  private double[] cosines(Tensor found, Tensor before) {
    return found.device().isMeta() ? filled(0) : found.mul(before).sum(1, false).toDoubles();
  }

  /** The cosine of each component to what it was a batch before; 0 where there was none. */
  double[] cosines() {
    return cosines;
  }

  /** The share of the variance of all rows that each component explains. */
  double[] ratios() {
    return Arrays.stream(singularValues).map(s -> s * s / variance).toArray();
  }

  /** What was found, owned by the caller. */
  InputComponents found() {
    try (Scope scope = new Scope()) {
      // end to end, as a checkpoint gives it back: kernels round by the layout
      Tensor rows32 = directions.to(DType.FLOAT32).contiguous().copy().detachFromScope();
      return new InputComponents(rows32, singularValues.clone(), ratios());
    }
  }

  @Override
  public void close() {
    if (directions != null) {
      directions.close();
      mean.close();
    }
  }
}
