/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.tlora.fault.Nearest;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * Options that the environment gives: {@code TLORA_LEARNING_RATE} is {@code --learning-rate} of
 * every command that has it. What is said of variables names them, and never shows their values.
 */
public final class EnvironmentOptions implements CommandLine.IDefaultValueProvider {
  private static final String PREFIX = "TLORA_";

  /** What the program, its launcher and its tests read themselves. */
  static final Set<String> OWN =
      Set.of(JudgeOptions.KEY, "TLORA_JAVA_OPTIONS", "TLORA_REQUIRE_SHARED");

  /** What Kubernetes leaves in every container about a service named tlora, or tlora-something. */
  private static final Pattern SERVICE =
      Pattern.compile(
          "TLORA_(\\w+_)?(SERVICE_(HOST|PORT(_\\w+)?)|PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");

  private static final Pattern SERVICE_PORT = Pattern.compile("TLORA_(\\w+_)?PORT");
  private static final Pattern SERVICE_ADDRESS = Pattern.compile("(tcp|udp|sctp)://.*");

  private final Map<String, String> variables; // those that may be options'

  /**
   * Options of an environment.
   *
   * @param environment its variables; those that are blank are as if they were not there
   */
  public EnvironmentOptions(Map<String, String> environment) {
    variables = new TreeMap<>();
    environment.forEach(
        (name, value) -> {
          if (name.startsWith(PREFIX) && !value.isBlank() && !isOthers(name, value)) {
            variables.put(name, value);
          }
        });
  }

  private static boolean isOthers(String name, String value) {
    return OWN.contains(name)
        || SERVICE.matcher(name).matches()
        || (SERVICE_PORT.matcher(name).matches() && SERVICE_ADDRESS.matcher(value).matches());
  }

  private static String variable(OptionSpec option) {
    return PREFIX + RunYaml.key(option).toUpperCase(Locale.ROOT).replace('-', '_');
  }

  private static boolean mayBeGiven(OptionSpec option) {
    return !option.usageHelp() && !option.versionHelp();
  }

  /**
   * Items of a list stand between commas, or, where they may hold commas as files' names do, on
   * lines of their own.
   */
  @Override
  public String defaultValue(ArgSpec argument) {
    if (!(argument instanceof OptionSpec option) || !mayBeGiven(option)) {
      return null;
    }
    String value = variables.get(variable(option));
    return value == null || !option.splitRegex().equals(RunYaml.SEPARATOR)
        ? value
        : value.lines().filter(l -> !l.isBlank()).collect(Collectors.joining(RunYaml.SEPARATOR));
  }

  /**
   * Says which options of a command come from here; nothing where none does.
   *
   * @param given what the command line gives, which wins
   */
  public List<String> used(ParseResult given) {
    List<String> used = new ArrayList<>();
    for (OptionSpec option : given.commandSpec().options()) {
      if (defaultValue(option) != null && !given.hasMatchedOption(option)) {
        used.add(option.longestName() + " (" + variable(option) + ")");
      }
    }
    return used.isEmpty()
        ? List.of()
        : List.of("options from the environment: " + String.join(", ", used));
  }

  /** Names variables that no option of any command has, a line each. */
  public List<String> unknown(CommandSpec program) {
    Set<String> known = new TreeSet<>();
    program
        .subcommands()
        .values()
        .forEach(
            c ->
                c.getCommandSpec().options().stream()
                    .filter(EnvironmentOptions::mayBeGiven)
                    .forEach(o -> known.add(variable(o))));
    return variables.keySet().stream()
        .filter(v -> !known.contains(v))
        .map(v -> unused(v, known))
        .toList();
  }

  /** What all of them begin with makes none of them nearer. */
  private static String unused(String variable, Set<String> known) {
    List<String> names = known.stream().map(k -> k.substring(PREFIX.length())).toList();
    return "the variable "
        + variable
        + " is used by nothing"
        + Nearest.of(variable.substring(PREFIX.length()), names)
            .map(n -> "; did you mean " + PREFIX + n + "?")
            .orElse("");
  }
}
