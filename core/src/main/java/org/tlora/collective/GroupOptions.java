/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

import java.time.Duration;
import org.tlora.fault.Problems;

/**
 * How the processes of a group deal with each other.
 *
 * @param timeout a process that nothing is heard of, or that others wait for and that gets nothing
 *     done, for so long counts as lost
 * @param joinTimeout how long the first ones wait for the last
 * @param address an interface's name or an address of this machine that the others reach it at;
 *     null: that of the way to the first process
 * @param version what every process of the group must say of itself
 */
public record GroupOptions(Duration timeout, Duration joinTimeout, String address, String version) {
  /** So long nobody is given up where nobody says otherwise. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(1);

  /** Machines of a cluster start minutes apart. */
  public static final Duration DEFAULT_JOIN_TIMEOUT = Duration.ofMinutes(5);

  /** Checks the ranges. */
  public GroupOptions {
    Problems problems = new Problems();
    problems.require(timeout.toMillis() >= 1000, "`groupTimeout` must be at least 1 second");
    problems.require(joinTimeout.toMillis() >= 1000, "`joinTimeout` must be at least 1 second");
    problems.end();
  }

  /** The usual ones for a version of the program. */
  public static GroupOptions of(String version) {
    return new GroupOptions(DEFAULT_TIMEOUT, DEFAULT_JOIN_TIMEOUT, null, version);
  }
}
