/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.delta;

/**
 * How far two vectors A and B are apart, whatever is counted as one; over several modules the sums.
 *
 * @param squareA ‖A‖²
 * @param squareB ‖B‖²
 * @param squareDifference ‖A − B‖²
 * @param inner ⟨A, B⟩
 */
public record Distance(double squareA, double squareB, double squareDifference, double inner) {
  /** That of nothing. */
  public static final Distance ZERO = new Distance(0, 0, 0, 0);

  /** Of both together. */
  public Distance plus(Distance other) {
    return new Distance(
        squareA + other.squareA,
        squareB + other.squareB,
        squareDifference + other.squareDifference,
        inner + other.inner);
  }

  /** ‖A‖. */
  public double normA() {
    return Math.sqrt(squareA);
  }

  /** ‖B‖. */
  public double normB() {
    return Math.sqrt(squareB);
  }

  /** ‖A − B‖. */
  public double difference() {
    return Math.sqrt(squareDifference);
  }

  /** ‖A − B‖ / ‖A‖; not a number where A is zero. */
  public double relative() {
    return squareA == 0 ? Double.NaN : Math.sqrt(squareDifference / squareA);
  }

  /** ⟨A, B⟩ / (‖A‖ ‖B‖); not a number where one is zero. */
  public double cosine() {
    double norms = normA() * normB();
    return norms == 0 ? Double.NaN : Math.max(-1, Math.min(1, inner / norms));
  }
}
