package org.tlora.peft;

import org.tlora.fault.UsageFault;

/**
 * The options that methods share.
 *
 * @param rank r, for every layer or on average
 * @param alpha the numerator of the scaling
 * @param dropout on the adapter's input
 * @param trainA whether TLoRA trains A too, as the published scripts do
 */
public record PeftOptions(int rank, double alpha, double dropout, boolean trainA) {
  /** Checks the ranges. */
  public PeftOptions {
    if (rank < 1) {
      throw new UsageFault("--rank must be at least 1, not " + rank);
    }
    if (!(alpha > 0)) {
      throw new UsageFault("--alpha must be above 0, not " + alpha);
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new UsageFault("--dropout must be at least 0 and below 1, not " + dropout);
    }
  }
}
