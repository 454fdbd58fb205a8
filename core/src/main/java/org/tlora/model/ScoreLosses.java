/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import org.tlora.engine.DType;
import org.tlora.engine.Tensor;

/** Sums of losses over scores that are few enough to be held, with their gradients. */
final class ScoreLosses {
  /**
   * A sum of losses and its gradient by the scores; both belong to the caller's scope.
   *
   * @param sum [1] float64
   * @param gradient in the shape of the scores, float32
   */
  record Loss(Tensor sum, Tensor gradient) {}

  private ScoreLosses() {}

  /**
   * −Σ w_i log softmax(scores_i)[class_i].
   *
   * @param scores [rows, classes] float32
   * @param weights of each row, or null: one
   */
  static Loss crossEntropy(Tensor scores, int[] classes, float[] weights) {
    int n = classes.length;
    Tensor lse = scores.logSumExp();
    Tensor label = scores.newInts(classes).unsqueeze(1);
    Tensor losses = lse.sub(scores.gather(label)).to(DType.FLOAT64);
    Tensor minusOne = scores.newEmpty(DType.FLOAT32, n, 1).fillInPlace(-1);
    Tensor gradient = scores.sub(lse).expInPlace().scatterAddInPlace(label, minusOne);
    if (weights != null) {
      Tensor w = scores.newFloats(weights, n).unsqueeze(1);
      losses = losses.mul(w);
      gradient.mulInPlace(w);
    }
    return new Loss(losses.sum().unsqueeze(0), gradient);
  }

  /**
   * Σ (score_i − value_i)².
   *
   * @param scores [rows, 1] float32
   */
  static Loss squares(Tensor scores, double[] values) {
    float[] wanted = new float[values.length];
    for (int i = 0; i < wanted.length; i++) {
      wanted[i] = (float) values[i];
    }
    Tensor off = scores.sub(scores.newFloats(wanted, values.length, 1));
    return new Loss(off.to(DType.FLOAT64).square().sum().unsqueeze(0), off.mulInPlace(2));
  }
}
