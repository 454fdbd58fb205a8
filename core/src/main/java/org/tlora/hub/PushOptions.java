/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.hub;

import java.util.regex.Pattern;
import org.tlora.fault.UsageFault;

/**
 * How files are brought to the hub.
 *
 * @param privately whether a repository that must be made is private, and one that is there must be
 * @param branch that gets the commit, and is made where there is none of that name
 * @param message of the commit
 * @param pullRequest whether the commit is one that others are asked to take over
 */
public record PushOptions(boolean privately, String branch, String message, boolean pullRequest) {
  private static final Pattern BRANCH = Pattern.compile("[\\w.-]+(/[\\w.-]+)*");

  /**
   * Checks them.
   *
   * @throws UsageFault if the branch or the message cannot be one
   */
  public PushOptions {
    if (!BRANCH.matcher(branch).matches() || branch.contains("..")) {
      throw new UsageFault("`revision` must be a branch such as main, not " + branch);
    }
    if (message.isBlank()) {
      throw new UsageFault("`message` must not be empty");
    }
  }
}
