/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.delta;

/**
 * What became of the product for one module.
 *
 * @param module its path
 * @param rankBefore the rank that it had
 * @param rank that it has now
 * @param square ‖Δ‖² of the delta Δ = s·B A before
 * @param squareLost ‖Δ − Δ′‖² of what is left out
 */
public record ResizedModule(
    String module, long rankBefore, long rank, double square, double squareLost) {
  /** ‖Δ − Δ′‖ / ‖Δ‖; 0 where there is nothing to lose. */
  public double relativeError() {
    return square == 0 ? 0 : Math.sqrt(squareLost / square);
  }

  /** Whether the rank is greater than what there is to fill it with. */
  public boolean isPadded() {
    return rank > rankBefore;
  }
}
