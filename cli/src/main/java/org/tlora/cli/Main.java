/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.tlora.cli.command.AdaptersCommand;
import org.tlora.cli.command.CalibrateCommand;
import org.tlora.cli.command.CardCommand;
import org.tlora.cli.command.ChatCommand;
import org.tlora.cli.command.CompareCommand;
import org.tlora.cli.command.DoctorCommand;
import org.tlora.cli.command.EvaluateCommand;
import org.tlora.cli.command.ExportCommand;
import org.tlora.cli.command.GenerateCommand;
import org.tlora.cli.command.InitCommand;
import org.tlora.cli.command.InspectCommand;
import org.tlora.cli.command.LaunchCommand;
import org.tlora.cli.command.MergeCommand;
import org.tlora.cli.command.PlanCommand;
import org.tlora.cli.command.PreviewCommand;
import org.tlora.cli.command.PushCommand;
import org.tlora.cli.command.QuickstartCommand;
import org.tlora.cli.command.RecipesCommand;
import org.tlora.cli.command.ReproduceCommand;
import org.tlora.cli.command.SchemaCommand;
import org.tlora.cli.command.ServeCommand;
import org.tlora.cli.command.TrainCommand;
import org.tlora.cli.command.WatchCommand;
import org.tlora.cli.option.MethodOptions;
import org.tlora.cli.option.NumberOption;
import org.tlora.cli.option.ProcessOptions;
import org.tlora.cli.terminal.ErrorStream;
import org.tlora.cli.terminal.JsonLines;
import org.tlora.cli.terminal.NativeErrors;
import org.tlora.cli.terminal.Notes;
import org.tlora.cli.terminal.OptionNames;
import org.tlora.cli.terminal.ResultStream;
import org.tlora.cli.terminal.StopRequest;
import org.tlora.collective.LaunchEnvironment;
import org.tlora.collective.World;
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
      AdaptersCommand.class,
      EvaluateCommand.class,
      CompareCommand.class,
      InspectCommand.class,
      WatchCommand.class,
      PreviewCommand.class,
      PlanCommand.class,
      InitCommand.class,
      SchemaCommand.class,
      RecipesCommand.class,
      ReproduceCommand.class,
      DoctorCommand.class,
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
  private CommandLine own; // null: not running yet

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

  @Override
  public int again(List<String> arguments) {
    return run(
        new Main(environment, ownsProcess),
        own.getOut(),
        own.getErr(),
        arguments.toArray(String[]::new));
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
    return run(new Main(), null, null, args);
  }

  /**
   * Runs the command line within another program.
   *
   * @param environment where a launcher says this process's place among others
   * @param err takes messages; null: standard error does
   * @return the exit status
   */
  public static int run(LaunchEnvironment environment, PrintWriter err, String... args) {
    return run(environment, null, err, args);
  }

  /**
   * Runs the command line within another program.
   *
   * @param environment where a launcher says this process's place among others
   * @param out takes what is printed; null: standard output does
   * @param err takes messages; null: standard error does
   * @return the exit status
   */
  public static int run(
      LaunchEnvironment environment, PrintWriter out, PrintWriter err, String... args) {
    return run(new Main(environment, false), out, err, args);
  }

  private static int run(Main main, PrintWriter out, PrintWriter err, String... args) {
    CommandLine commandLine = new CommandLine(main);
    main.own = commandLine;
    if (out != null) {
      commandLine.setOut(out);
    }
    if (err != null) {
      commandLine.setErr(err);
    }
    for (CommandLine command : commandLine.getSubcommands().values()) {
      if (command.getCommandSpec().findOption("--rank") != null) {
        MethodOptions.addTo(command.getCommandSpec());
      }
      if (command.getCommandSpec().userObject() instanceof PlanCommand) {
        PlanCommand.adjust(command.getCommandSpec());
      }
    }
    commandLine
        .registerConverter(Double.class, new NumberOption())
        .registerConverter(double.class, new NumberOption());
    CommandLine told = commandLine;
    try {
      Optional<Configuration> given =
          Configuration.of(commandLine, args, main.environment.variables());
      if (given.isPresent()) {
        told = given.get().command();
        given.get().apply(notes(told, main.environment));
      }
    } catch (Fault fault) {
      return report(told, fault, main.debug);
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

  /** Of processes that share a command, the first says it. */
  private static Consumer<String> notes(CommandLine command, LaunchEnvironment environment) {
    return isFirst(environment) ? note -> Notes.say(command, note) : note -> {};
  }

  private static boolean isFirst(LaunchEnvironment environment) {
    try {
      return World.of(environment).rank() == 0;
    } catch (UsageFault e) {
      return true; // the command says what is wrong with it
    }
  }

  private static int usage(CommandLine commandLine, ParameterException e, boolean debug) {
    if (e.getCause() instanceof Fault fault) {
      return report(commandLine, fault, debug);
    }
    String help = UnknownNames.help(commandLine.getCommandSpec());
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
    err.println(Notes.isJson(commandLine) ? JsonLines.error(line) : "tlora: " + line);
    if (debug) {
      fault.printStackTrace(err);
    }
    err.flush();
    return fault.exitStatus();
  }
}
