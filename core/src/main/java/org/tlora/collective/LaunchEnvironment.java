/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.function.Supplier;
import org.tlora.fault.UsageFault;

/**
 * What launchers leave for a process.
 *
 * @param variables of its environment
 * @param hostName its machine's full name, asked for where it is needed
 */
public record LaunchEnvironment(Map<String, String> variables, Supplier<String> hostName) {
  /** This process's. */
  public static LaunchEnvironment ofProcess() {
    return new LaunchEnvironment(System.getenv(), LaunchEnvironment::ownHostName);
  }

  private static String ownHostName() {
    try {
      return InetAddress.getLocalHost().getCanonicalHostName();
    } catch (UnknownHostException e) {
      throw new UsageFault("this machine's own name is not known: set MASTER_ADDR", e);
    }
  }

  boolean has(String name) {
    return !variables.getOrDefault(name, "").isBlank();
  }

  String text(String name, String otherwise) {
    return has(name) ? variables.get(name).strip() : otherwise;
  }

  /**
   * A text that must be there.
   *
   * @param why what makes it necessary
   */
  String text(String name, String otherwise, String why) {
    String found = text(name, otherwise);
    if (found == null) {
      throw new UsageFault(name + " is missing in the environment, where " + why);
    }
    return found;
  }

  int number(String name, int otherwise) {
    return has(name) ? parsed(name) : otherwise;
  }

  /** A number that must be there. */
  int required(String name, String why) {
    text(name, null, why);
    return parsed(name);
  }

  private int parsed(String name) {
    try {
      return Integer.parseInt(text(name, ""));
    } catch (NumberFormatException e) {
      throw new UsageFault(
          name + " in the environment must be a number, not '" + variables.get(name) + "'", e);
    }
  }
}
