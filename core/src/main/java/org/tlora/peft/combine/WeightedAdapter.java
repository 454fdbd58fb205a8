/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import java.nio.file.Path;
import org.tlora.fault.Float32;

/**
 * An adapter that is to be combined.
 *
 * @param directory in the format of HF PEFT or MLX
 * @param weight w, which may be negative
 */
public record WeightedAdapter(Path directory, double weight) {
  /** Checks the weight. */
  public WeightedAdapter {
    Float32.require("`adapter` " + directory + ": the weight", weight);
  }
}
