/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.testing;

/**
 * What the profile {@code quick} leaves out: the tags that its {@code excludedGroups} names. A test
 * of JUnit has {@link StartsProcess}, {@link TakesLong} or {@link RunsRealModel}; a property of
 * jqwik, which has tags of its own, {@code net.jqwik.api.Tag} with one of these.
 */
public final class Tags {
  public static final String PROCESS = "process";
  public static final String SLOW = "slow";
  public static final String MODEL = "model";

  private Tags() {}
}
