package org.tlora.calibrate;

import java.util.List;
import java.util.Map;
import org.tlora.engine.Tensor;
import org.tlora.model.Linear;

/**
 * What a calibration gathered. Linears that share an input share a covariance.
 *
 * @param samples how many samples it is an average over
 * @param losses of each sample
 * @param seconds the pass took
 */
public record Statistics(
    Map<Linear, Tensor> covariances,
    Map<Linear, Double> sensitivities,
    int samples,
    List<Double> losses,
    double seconds)
    implements AutoCloseable {
  /** Nothing, for methods that need nothing. */
  public static Statistics none() {
    return new Statistics(Map.of(), Map.of(), 0, List.of(), 0);
  }

  /**
   * The input covariance of a layer, [in, in] float32; owned here.
   *
   * @throws IllegalStateException if it was not gathered
   */
  public Tensor covariance(Linear layer) {
    Tensor c = covariances.get(layer.sharesInputWith());
    if (c == null) {
      throw new IllegalStateException("no covariance was gathered for " + layer.name());
    }
    return c;
  }

  /**
   * The sensitivity score of a layer.
   *
   * @throws IllegalStateException if it was not gathered
   */
  public double sensitivity(Linear layer) {
    Double s = sensitivities.get(layer);
    if (s == null) {
      throw new IllegalStateException("no sensitivity was gathered for " + layer.name());
    }
    return s;
  }

  @Override
  public void close() {
    covariances.values().forEach(Tensor::close);
  }
}
