/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.delta;

import java.util.List;

/**
 * How far the products of two adapters for one module are apart.
 *
 * @param module its path
 * @param rankA of A's factors; 0 where A has nothing there
 * @param rankB of B's
 * @param distance of the deltas s·B A
 * @param inputAngles principal angles between what the two read of the input (the spaces of their
 *     deltas' rows), in degrees, the smallest first; none where one delta is zero
 * @param outputAngles between what they write to the output (the spaces of their columns)
 */
public record ModuleDifference(
    String module,
    long rankA,
    long rankB,
    Distance distance,
    List<Double> inputAngles,
    List<Double> outputAngles) {
  /** Copies the lists. */
  public ModuleDifference {
    inputAngles = List.copyOf(inputAngles);
    outputAngles = List.copyOf(outputAngles);
  }
}
