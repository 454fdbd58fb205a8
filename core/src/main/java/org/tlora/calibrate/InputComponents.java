/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.calibrate;

import org.tlora.engine.Tensor;

/**
 * Principal components of a layer's input.
 *
 * @param directions [components, in] float32, orthonormal rows, that of the greatest variance
 *     first; owned here
 * @param singularValues of the centred inputs, one for each
 * @param ratios the share of the inputs' variance that each explains
 */
public record InputComponents(Tensor directions, double[] singularValues, double[] ratios)
    implements AutoCloseable {
  @Override
  public void close() {
    directions.close();
  }
}
