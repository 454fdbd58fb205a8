/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.spark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tlora.fault.UsageFault;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** What stands before {@code --} is the job's own; what stands behind is the command's. */
final class SparkArguments {
  private SparkArguments() {}

  /** The command's: what follows {@code --}. */
  static List<String> command(String[] args) {
    int at = Arrays.asList(args).indexOf("--");
    if (at < 0 || at + 1 == args.length) {
      throw new UsageFault("the command and its options go behind --");
    }
    return new ArrayList<>(Arrays.asList(args).subList(at + 1, args.length));
  }

  /** Reads the job's own options into an object. */
  static <T> T own(T into, String[] args) {
    int at = Arrays.asList(args).indexOf("--");
    String[] own = Arrays.copyOf(args, at < 0 ? args.length : at);
    try {
      new CommandLine(into).parseArgs(own);
      return into;
    } catch (ParameterException e) {
      throw new UsageFault(e.getMessage(), e);
    }
  }
}
