/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft;

import java.util.List;
import org.tlora.model.Linear;

/**
 * The layers that a method works on.
 *
 * @param layers in the model's order
 * @param baseParameters of the whole model
 */
public record Targets(List<Linear> layers, long baseParameters) {
  /** Keeps a copy of the list. */
  public Targets {
    layers = List.copyOf(layers);
  }
}
