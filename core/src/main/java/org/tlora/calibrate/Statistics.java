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
    Map<Linear, Double> gradientSensitivities,
    Map<Linear, InputComponents> components,
    int samples,
    List<Double> losses,
    double seconds)
    implements AutoCloseable {
  /** Nothing, for methods that need nothing. */
  public static Statistics none() {
    return ofSensitivities(Map.of(), 0);
  }

  /** Sensitivities alone. */
  public static Statistics ofSensitivities(Map<Linear, Double> all, int samples) {
    return scores(all, Map.of(), samples, 0);
  }

  /** Sensitivities by mean gradients alone. */
  public static Statistics ofGradientSensitivities(
      Map<Linear, Double> all, int samples, double seconds) {
    return scores(Map.of(), all, samples, seconds);
  }

  private static Statistics scores(
      Map<Linear, Double> each, Map<Linear, Double> ofMean, int samples, double seconds) {
    return new Statistics(
        Map.of(), Map.of(), Map.of(), each, Map.of(), ofMean, Map.of(), samples, List.of(),
        seconds);
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

  /**
   * The sensitivity score of a layer by the mean gradient.
   *
   * @throws IllegalStateException if it was not gathered
   */
  public double gradientSensitivity(Linear layer) {
    return require(gradientSensitivities.get(layer), "sensitivity by the gradient", layer);
  }

  /**
   * The principal components of a layer's input.
   *
   * @throws IllegalStateException if they were not looked for
   */
  public InputComponents components(Linear layer) {
    return require(components.get(layer.sharesInputWith()), "component", layer);
  }

  private static <T> T require(T found, String what, Linear layer) {
    if (found == null) {
      throw new IllegalStateException("no " + what + " was gathered for " + layer.name());
    }
    return found;
  }

  /** The same with components of inputs, and the time that their search took. */
  Statistics with(Map<Linear, InputComponents> found, int searched, double more) {
    return new Statistics(
        covariances,
        secondMoments,
        grams,
        sensitivities,
        gradients,
        gradientSensitivities,
        found,
        Math.max(samples, searched),
        losses,
        seconds + more);
  }

  @Override
  public void close() {
    covariances.values().forEach(Tensor::close);
    secondMoments.values().forEach(Tensor::close);
    grams.values().forEach(Tensor::close);
    gradients.values().forEach(Tensor::close);
    components.values().forEach(InputComponents::close);
  }
}
