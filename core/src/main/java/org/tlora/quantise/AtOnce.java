/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise;

/** So many numbers are there at a time where a matrix goes from one form into another. */
public final class AtOnce {
  /** Of a dense matrix that is rounded. */
  public static final long ROUNDED = 1 << 22;

  /** That come back from codes into another type, before they leave the larger caches. */
  public static final long EXPANDED = 1 << 20;

  private AtOnce() {}
}
