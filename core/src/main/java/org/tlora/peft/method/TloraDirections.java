/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import java.util.Set;
import org.tlora.calibrate.Statistic;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.DType;
import org.tlora.engine.LinearAlgebra;
import org.tlora.engine.Random;
import org.tlora.engine.Tensor;
import org.tlora.model.Linear;

/** What the rows of TLoRA's A are taken from. */
enum TloraDirections {
  /** The leading right singular vectors of W·C. */
  COVARIANCE {
    @Override
    Tensor leading(Linear layer, Statistics statistics, int count, Random random) {
      return LinearAlgebra.rightSingularVectors(
          layer.denseWeight(), statistics.covariance(layer), count);
    }
  },
  /** LoRA's uniform start. */
  RANDOM {
    @Override
    Tensor leading(Linear layer, Statistics statistics, int count, Random random) {
      return KaimingUniform.a(layer, count, random);
    }
  },
  /** The leading right singular vectors of the mean gradient G. */
  GRADIENT {
    @Override
    Tensor leading(Linear layer, Statistics statistics, int count, Random random) {
      Tensor v = LinearAlgebra.leadingTriplets(statistics.gradient(layer), count).v();
      return v.to(DType.FLOAT32).contiguous().copy();
    }
  },
  /** The leading right singular vectors of G·C. */
  GRADIENT_COVARIANCE {
    @Override
    Tensor leading(Linear layer, Statistics statistics, int count, Random random) {
      return LinearAlgebra.rightSingularVectors(
          statistics.gradient(layer), statistics.covariance(layer), count);
    }
  };

  /** As the option has it. */
  static TloraDirections named(String name) {
    return switch (name) {
      case "covariance" -> COVARIANCE;
      case "random" -> RANDOM;
      case "gradient" -> GRADIENT;
      case "gradient-covariance" -> GRADIENT_COVARIANCE;
      default -> throw new IllegalArgumentException(name);
    };
  }

  /** What calibration must gather. */
  Set<Statistic> needs() {
    return switch (this) {
      case COVARIANCE -> Set.of(Statistic.COVARIANCE);
      case RANDOM -> Set.of();
      case GRADIENT -> Set.of(Statistic.GRADIENT);
      case GRADIENT_COVARIANCE -> Set.of(Statistic.GRADIENT, Statistic.COVARIANCE);
    };
  }

  /**
   * The first rows of A, [count, in] float32; owned by the caller's scope.
   *
   * @param random for those that are drawn
   */
  abstract Tensor leading(Linear layer, Statistics statistics, int count, Random random);
}
