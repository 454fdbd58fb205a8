package org.tlora.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
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
      ChatCommand.class,
      MergeCommand.class,
      ExportCommand.class,
      EvaluateCommand.class,
      CompareCommand.class,
      InspectCommand.class,
      PreviewCommand.class
    })
public final class Main {
  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of an error.")
  private boolean debug;

  /** Runs the command line and exits with its status. */
  public static void main(String[] args) {
    // what is printed is UTF-8 whatever the locale says: '?' for a letter would be another text
    System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8));
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
   * known before arguments are parsed.
   */
  private static void readConfig(CommandLine commandLine, String[] args) {
    if (args.length == 0) {
      return;
    }
    CommandLine command = commandLine.getSubcommands().get(args[0]);
    if (command == null || command.getCommandSpec().findOption("--config") == null) {
      return;
    }
    Optional<String> file = value(args, "--config");
    boolean resumes =
        Arrays.stream(args)
            .anyMatch(a -> a.equals(TrainCommand.RESUME) || a.startsWith("--resume-"));
    if (file.isEmpty() && resumes) {
      file =
          value(args, "--output")
              .map(output -> Path.of(output).resolve("run.yaml"))
              .filter(Files::exists)
              .map(Path::toString);
    }
    if (file.isPresent()) {
      Path path = Path.of(file.get());
      command.setDefaultValueProvider(RunYaml.read(path, command.getCommandSpec()));
    }
  }

  /** The value of an option that is needed before the others are parsed. */
  private static Optional<String> value(String[] args, String option) {
    for (int i = 1; i < args.length; i++) {
      if (args[i].startsWith(option + "=")) {
        return Optional.of(args[i].substring(option.length() + 1));
      }
      if (args[i].equals(option) && i + 1 < args.length) {
        return Optional.of(args[i + 1]);
      }
    }
    return Optional.empty();
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
