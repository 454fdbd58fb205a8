/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.Arrays;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;

/** A weight that takes other values. */
final class ReplacedWeight {
  private ReplacedWeight() {}

  /**
   * Copies values into a weight.
   *
   * @throws InputFault if the shape is another
   */
  static void copy(String name, Tensor weight, Tensor value) {
    if (!Arrays.equals(weight.shape(), value.shape())) {
      throw new InputFault(
          "weight " + name + " has shape " + value + " where the model has " + weight);
    }
    weight.copyFrom(value);
  }
}
