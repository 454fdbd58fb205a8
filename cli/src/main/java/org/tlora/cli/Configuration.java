/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.tlora.cli.command.TrainCommand;
import org.tlora.cli.option.EnvironmentOptions;
import org.tlora.cli.option.OptionSources;
import org.tlora.cli.option.Recipes;
import org.tlora.cli.option.RunYaml;
import org.tlora.fault.UsageFault;
import picocli.CommandLine;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * What gives options that the command line leaves out: the environment, then the file of {@code
 * --config} or that of a run that is resumed, then a recipe. All give defaults, so they must be
 * known before arguments are parsed for good.
 */
final class Configuration {
  private static final String CONFIG = "--config";

  private final ParseResult all;
  private final ParseResult given;
  private final CommandSpec command;
  private final EnvironmentOptions environment;

  private Configuration(ParseResult all, EnvironmentOptions environment) {
    this.all = all;
    given = all.subcommand();
    this.environment = environment;
    command = given.commandSpec();
  }

  /**
   * A first look at arguments, as the parser itself sees them, wherever they stand and whatever
   * else is missing or wrong with their values: that is told when they are parsed again.
   *
   * @param variables of the environment
   * @return nothing where no command is run, but its help shown
   * @throws UsageFault if the command or an option is not known
   */
  static Optional<Configuration> of(
      CommandLine program, String[] args, Map<String, String> variables) {
    collectErrors(program, true);
    try {
      ParseResult all = program.parseArgs(args);
      ParseResult own = all.subcommand() == null ? all : all.subcommand();
      if (asksForHelp(all) || asksForHelp(own)) {
        return Optional.empty();
      }
      UnknownNames.refuse(all);
      return all.subcommand() == null
          ? Optional.empty()
          : Optional.of(new Configuration(all, new EnvironmentOptions(variables)));
    } finally {
      collectErrors(program, false);
    }
  }

  private static boolean asksForHelp(ParseResult given) {
    return given.isUsageHelpRequested() || given.isVersionHelpRequested();
  }

  private static void collectErrors(CommandLine commandLine, boolean collect) {
    commandLine.getCommandSpec().parser().collectErrors(collect);
    commandLine.getSubcommands().values().forEach(c -> collectErrors(c, collect));
  }

  /** The command that is run. */
  CommandLine command() {
    return command.commandLine();
  }

  /**
   * Gives the command its defaults.
   *
   * @param notes is told where they come from
   * @throws UsageFault if a file or a recipe is wrong
   */
  void apply(Consumer<String> notes) {
    environment.unknown(command.root()).forEach(notes);
    environment.used(given).forEach(notes);
    List<IDefaultValueProvider> sources = new ArrayList<>(List.of(environment));
    if (command.findOption(CONFIG) != null) {
      file(notes).map(file -> RunYaml.read(file, command)).ifPresent(sources::add);
      value(Recipes.OPTION).map(name -> Recipes.of(name, command)).ifPresent(sources::add);
    }
    OptionSources ofRoot = new OptionSources(all, List.of(environment)); // of --debug
    command.root().commandLine().setDefaultValueProvider(ofRoot);
    command.commandLine().setDefaultValueProvider(new OptionSources(given, sources));
  }

  private Optional<Path> file(Consumer<String> notes) {
    Optional<Path> named = value(CONFIG).map(Path::of);
    if (named.isPresent() || !(isSet(TrainCommand.RESUME) || isSet(TrainCommand.RESUME_ANYWAY))) {
      return named;
    }
    Optional<Path> earlier =
        value("--output").map(d -> Path.of(d).resolve(RunYaml.FILE)).filter(Files::exists);
    earlier.ifPresent(f -> notes.accept("options that are not given are those of " + f));
    return earlier;
  }

  private boolean isSet(String flag) {
    return value(flag).map(Boolean::parseBoolean).orElse(false);
  }

  /** What the command line or else the environment says. */
  private Optional<String> value(String name) {
    OptionSpec option = command.findOption(name);
    if (option == null) {
      return Optional.empty();
    }
    if (given.hasMatchedOption(option)) {
      return Optional.ofNullable(given.matchedOptionValue(name, null)).map(Object::toString);
    }
    return Optional.ofNullable(environment.defaultValue(option));
  }
}
