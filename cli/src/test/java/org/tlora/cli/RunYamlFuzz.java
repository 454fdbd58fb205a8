package org.tlora.cli;

import org.tlora.fault.UsageFault;
import org.tlora.fuzz.FuzzDirectory;
import picocli.CommandLine;

/** {@code run.yaml}, as the defaults of a command line. */
public final class RunYamlFuzz {
  private static final FuzzDirectory DIRECTORY = new FuzzDirectory();

  private RunYamlFuzz() {}

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] data) {
    CommandLine command = new CommandLine(new TrainCommand());
    MethodOptions.addTo(command.getCommandSpec());
    try {
      command.setDefaultValueProvider(
          RunYaml.read(DIRECTORY.write("run.yaml", data), command.getCommandSpec()));
      command.parseArgs("--steps", "1");
    } catch (UsageFault | CommandLine.ParameterException e) {
      // one clear line
    }
  }
}
