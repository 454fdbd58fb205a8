/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import org.tlora.cli.command.CalibrateCommand;
import org.tlora.cli.command.CardCommand;
import org.tlora.cli.command.ChatCommand;
import org.tlora.cli.command.CompareCommand;
import org.tlora.cli.command.EvaluateCommand;
import org.tlora.cli.command.ExportCommand;
import org.tlora.cli.command.GenerateCommand;
import org.tlora.cli.command.InspectCommand;
import org.tlora.cli.command.LaunchCommand;
import org.tlora.cli.command.MergeCommand;
import org.tlora.cli.command.PreviewCommand;
import org.tlora.cli.command.PushCommand;
import org.tlora.cli.command.QuickstartCommand;
import org.tlora.cli.command.ServeCommand;
import org.tlora.cli.command.TrainCommand;
import org.tlora.cli.option.MethodOptions;
import org.tlora.cli.option.NumberOption;
import org.tlora.cli.option.ProcessOptions;
import org.tlora.cli.option.RunYaml;
import org.tlora.cli.terminal.ErrorStream;
import org.tlora.cli.terminal.JsonLines;
import org.tlora.cli.terminal.NativeErrors;
import org.tlora.cli.terminal.OptionNames;
import org.tlora.cli.terminal.Progress;
import org.tlora.cli.terminal.ResultStream;
import org.tlora.cli.terminal.StopRequest;
import org.tlora.collective.LaunchEnvironment;
import org.tlora.fault.Fault;
import org.tlora.fault.UsageFault;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/** The program {@code tlora}. */
@Command(
    name = "tlora",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Fine-tuning of language models on the JVM, with TLoRA and its relatives.",
    subcommands = {
      QuickstartCommand.class,
      TrainCommand.class,
      LaunchCommand.class,
      CalibrateCommand.class,
      GenerateCommand.class,
      ChatCommand.class,
      ServeCommand.class,
      MergeCommand.class,
      ExportCommand.class,
      EvaluateCommand.class,
      CompareCommand.class,
      InspectCommand.class,
      PreviewCommand.class,
      CardCommand.class,
      PushCommand.class
    })
public final class Main implements ProcessOptions.Launched {
  private static final Pattern MUST_BE =
      Pattern.compile("^Invalid value for option '(--[^']+)'[^:]*: must");

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of an error.")
  private boolean debug;

  private final LaunchEnvironment environment;
  private final boolean ownsProcess;

  /** A program that a launcher may have started. */
  public Main() {
    this(LaunchEnvironment.ofProcess(), true);
  }

  private Main(LaunchEnvironment environment, boolean ownsProcess) {
    this.environment = environment;
    this.ownsProcess = ownsProcess;
  }

  @Override
  public boolean ownsProcess() {
    return ownsProcess;
  }

  @Override
  public LaunchEnvironment environment() {
    return environment;
  }

  /** Runs the command line and exits with its status. */
  public static void main(String[] args) {
    System.setOut(ResultStream.open());
    int status = run(args);
    // in a shutdown that Ctrl-C started, exit would wait for the hook that waits for us
    if (!StopRequest.shutdownStarted()) {
      ErrorStream.finish();
      System.exit(status);
    }
  }

  /** Runs the command line; returns the exit status. */
  static int run(String... args) {
    return run(new Main(), null, args);
  }

  /**
   * Runs the command line within another program.
   *
   * @param environment where a launcher says this process's place among others
   * @param err takes messages; null: standard error does
   * @return the exit status
   */
  public static int run(LaunchEnvironment environment, PrintWriter err, String... args) {
    return run(new Main(environment, false), err, args);
  }

  private static int run(Main main, PrintWriter err, String... args) {
    CommandLine commandLine = new CommandLine(main);
    if (err != null) {
      commandLine.setErr(err);
    }
    for (CommandLine command : commandLine.getSubcommands().values()) {
      if (command.getCommandSpec().findOption("--rank") != null) {
        MethodOptions.addTo(command.getCommandSpec());
      }
    }
    commandLine
        .registerConverter(Double.class, new NumberOption())
        .registerConverter(double.class, new NumberOption());
    try {
      readConfig(commandLine, args);
    } catch (Fault fault) {
      return report(commandLine, fault, main.debug);
    }
    commandLine
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler((e, arguments) -> usage(e.getCommandLine(), e, main.debug))
        .setExecutionExceptionHandler((e, command, result) -> failure(command, e, main.debug))
        .setExitCodeExceptionMapper(e -> e instanceof Fault f ? f.exitStatus() : 4);
    try {
      return commandLine.execute(args);
    } catch (OutOfMemoryError e) {
      return report(commandLine, NativeErrors.explain(e), main.debug);
    } catch (ExceptionInInitializerError e) {
      return report(commandLine, NativeErrors.explain(e), main.debug);
    }
  }

  /**
   * The file of {@code --config}, or that of a run that is resumed, gives defaults, so it must be
   * known before arguments are parsed for good.
   */
  private static void readConfig(CommandLine commandLine, String[] args) {
    Optional<ParseResult> found = firstLook(commandLine, args);
    if (found.isEmpty()) {
      return;
    }
    ParseResult given = found.get();
    CommandSpec command = given.commandSpec();
    Path file = given.matchedOptionValue("--config", null);
    if (file == null && isResumed(given)) {
      Path output = given.matchedOptionValue("--output", null);
      if (output != null && Files.exists(output.resolve(RunYaml.FILE))) {
        file = output.resolve(RunYaml.FILE);
        commandLine.getErr().println("options that are not given are those of " + file);
      }
    }
    if (file != null) {
      command.commandLine().setDefaultValueProvider(RunYaml.read(file, command));
    }
  }

  /**
   * What is given to a command that has {@code --config}, as the parser itself sees it, wherever it
   * stands and whatever else is missing or wrong: that is told when it is parsed again.
   */
  private static Optional<ParseResult> firstLook(CommandLine commandLine, String[] args) {
    collectErrors(commandLine, true);
    try {
      ParseResult all = commandLine.parseArgs(args);
      return Optional.ofNullable(all.subcommand())
          .filter(command -> command.commandSpec().findOption("--config") != null)
          .filter(command -> !command.isUsageHelpRequested());
    } finally {
      collectErrors(commandLine, false);
    }
  }

  private static void collectErrors(CommandLine commandLine, boolean collect) {
    commandLine.getCommandSpec().parser().collectErrors(collect);
    commandLine.getSubcommands().values().forEach(c -> collectErrors(c, collect));
  }

  private static boolean isResumed(ParseResult given) {
    return given.matchedOptionValue(TrainCommand.RESUME, false)
        || given.matchedOptionValue(TrainCommand.RESUME_ANYWAY, false);
  }

  private static int usage(CommandLine commandLine, ParameterException e, boolean debug) {
    if (e.getCause() instanceof Fault fault) {
      return report(commandLine, fault, debug);
    }
    String help = commandLine.getCommandSpec().qualifiedName(" ") + " --help";
    String first = e.getMessage().lines().findFirst().orElse("wrong arguments");
    first = MUST_BE.matcher(first).replaceFirst("$1 must"); // as all other options say it
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
    String message = OptionNames.of(commandLine.getCommandSpec()).in(fault.getMessage());
    String line = message.replaceAll("\\s*\\R\\s*", " ");
    OptionSpec format = commandLine.getCommandSpec().findOption(Progress.FORMAT);
    boolean json = format != null && Progress.JSON.equals(format.getValue());
    err.println(json ? JsonLines.error(line) : "tlora: " + line);
    if (debug) {
      fault.printStackTrace(err);
    }
    err.flush();
    return fault.exitStatus();
  }
}
