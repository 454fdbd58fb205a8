/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.delta;

import java.util.List;

/**
 * What became of an adapter.
 *
 * @param modules those that it has products for
 * @param notes what a user should know, a line each
 */
public record ResizedAdapter(List<ResizedModule> modules, List<String> notes) {
  /** Copies the lists. */
  public ResizedAdapter {
    modules = List.copyOf(modules);
    notes = List.copyOf(notes);
  }

  /** ‖Δ − Δ′‖ / ‖Δ‖ over all modules together; 0 where there is nothing to lose. */
  public double relativeError() {
    double square = modules.stream().mapToDouble(ResizedModule::square).sum();
    double lost = modules.stream().mapToDouble(ResizedModule::squareLost).sum();
    return square == 0 ? 0 : Math.sqrt(lost / square);
  }
}
