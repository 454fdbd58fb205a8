/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import org.tlora.cli.command.TrainCommand;
import org.tlora.fault.UsageFault;
import org.tlora.fuzz.FuzzDirectory;
import picocli.CommandLine;

/** {@code run.yaml}, as the defaults of a command line. */
public final class RunYamlFuzz {
  private static final FuzzDirectory DIRECTORY = new FuzzDirectory();
  private static final CommandLine COMMAND = command();

  private RunYamlFuzz() {}

  private static CommandLine command() {
    CommandLine command = new CommandLine(new TrainCommand());
    MethodOptions.addTo(command.getCommandSpec());
    return command;
  }

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] data) {
    try {
      COMMAND.setDefaultValueProvider(
          RunYaml.read(DIRECTORY.write("run.yaml", data), COMMAND.getCommandSpec()));
      COMMAND.parseArgs("--steps", "1");
    } catch (UsageFault | CommandLine.ParameterException e) {
      // one clear line
    }
  }
}
