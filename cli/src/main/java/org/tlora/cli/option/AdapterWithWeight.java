/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import java.io.File;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.fault.UsageFault;

/**
 * An argument {@code DIR[@WEIGHT]}.
 *
 * @param name a directory, or an id of the hub, which may have a revision after an @ of its own
 * @param weight 1 where none is given
 */
public record AdapterWithWeight(String name, double weight) {
  private static final Pattern WEIGHTED = Pattern.compile("(.+)@([^@/\\\\]*)");
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

  /**
   * Takes an argument apart. What stands after the last @ is a weight if it is a number and there
   * is no directory whose name has it.
   *
   * @throws UsageFault if what stands there is neither a weight nor a part of a name
   */
  public static AdapterWithWeight of(String argument) {
    Matcher m = WEIGHTED.matcher(argument);
    if (!m.matches() || new File(argument).isDirectory()) {
      return new AdapterWithWeight(argument, 1);
    }
    if (NUMBER.matcher(m.group(2)).matches()) {
      return new AdapterWithWeight(m.group(1), Double.parseDouble(m.group(2)));
    }
    if (new File(m.group(1)).isDirectory()) {
      throw new UsageFault(
          "--adapter " + argument + ": the weight must be a number, not '" + m.group(2) + "'");
    }
    return new AdapterWithWeight(argument, 1);
  }
}
