package org.tlora.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import org.tlora.fault.Fault;
import org.tlora.fault.UsageFault;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The program {@code tlora}. */
@Command(
    name = "tlora",
    mixinStandardHelpOptions = true,
    version = "tlora 0.1.0",
    description = "Fine-tuning of language models on the JVM, with TLoRA and its relatives.",
    subcommands = {
      QuickstartCommand.class,
      TrainCommand.class,
      CalibrateCommand.class,
      GenerateCommand.class,
      MergeCommand.class,
      ExportCommand.class,
      EvaluateCommand.class,
      CompareCommand.class,
      InspectCommand.class
    })
public final class Main {
  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of an error.")
  private boolean debug;

  /** Runs the command line and exits with its status. */
  public static void main(String[] args) {
    int status = run(args);
    // in a shutdown that Ctrl-C started, exit would wait for the hook that waits for us
    if (!StopRequest.shutdownStarted()) {
      System.exit(status);
    }
  }

  /** Runs the command line; returns the exit status. */
  static int run(String... args) {
    Main main = new Main();
    CommandLine commandLine = new CommandLine(main);
    for (CommandLine command : commandLine.getSubcommands().values()) {
      if (command.getCommandSpec().findOption("--rank") != null) {
        MethodOptions.addTo(command.getCommandSpec());
      }
    }
    try {
      readConfig(commandLine, args);
    } catch (Fault fault) {
      return report(commandLine, fault, false);
    }
    return commandLine
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler((e, arguments) -> usage(e.getCommandLine(), e, main.debug))
        .setExecutionExceptionHandler((e, command, result) -> failure(command, e, main.debug))
        .setExitCodeExceptionMapper(e -> e instanceof Fault f ? f.exitStatus() : 4)
        .execute(args);
  }

  /**
   * The file of {@code --config} gives defaults, so it must be known before arguments are parsed.
   */
  private static void readConfig(CommandLine commandLine, String[] args) {
    if (args.length == 0) {
      return;
    }
    CommandLine command = commandLine.getSubcommands().get(args[0]);
    if (command == null || command.getCommandSpec().findOption("--config") == null) {
      return;
    }
    for (int i = 1; i < args.length; i++) {
      Path file = null;
      if (args[i].startsWith("--config=")) {
        file = Path.of(args[i].substring("--config=".length()));
      } else if (args[i].equals("--config") && i + 1 < args.length) {
        file = Path.of(args[i + 1]);
      }
      if (file != null) {
        command.setDefaultValueProvider(RunYaml.read(file, command.getCommandSpec()));
      }
    }
  }

  private static int usage(CommandLine commandLine, ParameterException e, boolean debug) {
    if (e.getCause() instanceof Fault fault) {
      return report(commandLine, fault, debug);
    }
    String help = commandLine.getCommandSpec().qualifiedName(" ") + " --help";
    String first = e.getMessage().lines().findFirst().orElse("wrong arguments");
    return report(commandLine, new UsageFault(first + " (see " + help + ")"), debug);
  }

  private static int failure(CommandLine commandLine, Exception e, boolean debug) {
    if (e instanceof Fault fault) {
      return report(commandLine, fault, debug);
    }
    return report(commandLine, NativeErrors.explain(e), debug);
  }

  private static int report(CommandLine commandLine, Fault fault, boolean debug) {
    PrintWriter err = commandLine.getErr();
    err.println("tlora: " + fault.getMessage().replaceAll("\\s*\\R\\s*", " "));
    if (debug) {
      fault.printStackTrace(err);
    }
    err.flush();
    return fault.exitStatus();
  }
}
