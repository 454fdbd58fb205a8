/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.calibrate;

import java.util.List;
import java.util.Map;
import org.tlora.engine.Tensor;
import org.tlora.model.Linear;

/**
 * What a calibration gathered. Linears that share an input share its statistics. Tensors are
 * float32 and owned here.
 *
 * @param samples how many samples it is an average over
 * @param losses of each pass, the mean over what its samples supervise; empty if no way back was
 *     needed
 * @param seconds the pass took
 */
public record Statistics(
    Map<Linear, Tensor> covariances,
    Map<Linear, Tensor> secondMoments,
    Map<Linear, Tensor> grams,
    Map<Linear, Double> sensitivities,
    Map<Linear, Tensor> gradients,
    int samples,
    List<Double> losses,
    double seconds)
    implements AutoCloseable {
  /** Nothing, for methods that need nothing. */
  public static Statistics none() {
    return new Statistics(Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), 0, List.of(), 0);
  }

  /**
   * The input covariance of a layer, [in, in].
   *
   * @throws IllegalStateException if it was not gathered
   */
  public Tensor covariance(Linear layer) {
    return require(covariances.get(layer.sharesInputWith()), "covariance", layer);
  }

  /**
   * The second moment of a layer's scaled input, [in, in].
   *
   * @throws IllegalStateException if it was not gathered
   */
  public Tensor secondMoment(Linear layer) {
    return require(secondMoments.get(layer.sharesInputWith()), "second moment", layer);
  }

  /**
   * Σ xᵀx of a layer's input, [in, in].
   *
   * @throws IllegalStateException if it was not gathered
   */
  public Tensor gram(Linear layer) {
    return require(grams.get(layer.sharesInputWith()), "Gram matrix", layer);
  }

  /**
   * The sensitivity score of a layer.
   *
   * @throws IllegalStateException if it was not gathered
   */
  public double sensitivity(Linear layer) {
    return require(sensitivities.get(layer), "sensitivity", layer);
  }

  /**
   * The mean gradient of a layer's weight, [out, in].
   *
   * @throws IllegalStateException if it was not gathered
   */
  public Tensor gradient(Linear layer) {
    return require(gradients.get(layer), "gradient", layer);
  }

  private static <T> T require(T found, String what, Linear layer) {
    if (found == null) {
      throw new IllegalStateException("no " + what + " was gathered for " + layer.name());
    }
    return found;
  }

  @Override
  public void close() {
    covariances.values().forEach(Tensor::close);
    secondMoments.values().forEach(Tensor::close);
    grams.values().forEach(Tensor::close);
    gradients.values().forEach(Tensor::close);
  }
}
