/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.fault;

/**
 * The numbers that options may be: those that float32 holds, since the kernels compute in it.
 * Beyond its range they would become infinite or zero without a word.
 */
public final class Float32 {
  private Float32() {}

  /** Whether float32 holds a number, to its usual precision: zero, or from 1.2e-38 to 3.4e38. */
  public static boolean holds(double number) {
    double size = Math.abs(number);
    return size == 0 || (size >= Float.MIN_NORMAL && size <= Float.MAX_VALUE);
  }

  /**
   * Checks the value of an option.
   *
   * @param option as on the command line
   * @return the value
   * @throws UsageFault if it is infinite, not a number, or beyond float32
   */
  public static double require(String option, double value) {
    if (!holds(value)) {
      throw new UsageFault(option + " must be a number that float32 can hold, not " + value);
    }
    return value;
  }
}
