/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * Where options come from that the command line leaves out: sources that hide those behind them.
 * Where options stand for each other, such as {@code --epochs} and {@code --steps}, one of them
 * hides the others too, so that what was said nearer to the command line counts.
 */
public final class OptionSources implements CommandLine.IDefaultValueProvider {
  private static final List<Set<String>> ALTERNATIVES =
      List.of(
          Set.of("epochs", "steps"),
          Set.of("eval-data", "held-out", "validation-share"),
          Set.of("rank", "trainable-parameters", "trainable-share"),
          Set.of("weights", "quantize"));

  private final ParseResult given;
  private final List<? extends CommandLine.IDefaultValueProvider> sources;

  /**
   * Sources behind a command line.
   *
   * @param given what that says
   * @param sources the first hides the others
   */
  public OptionSources(
      ParseResult given, List<? extends CommandLine.IDefaultValueProvider> sources) {
    this.given = given;
    this.sources = List.copyOf(sources);
  }

  @Override
  public String defaultValue(ArgSpec argument) throws Exception {
    if (!(argument instanceof OptionSpec option)) {
      return null;
    }
    if (given.hasMatchedOption(option)) {
      return null; // a flag that is given turns to the other side of its default
    }
    List<OptionSpec> others = others(option);
    if (others.stream().anyMatch(given::hasMatchedOption)) {
      return null;
    }
    for (CommandLine.IDefaultValueProvider source : sources) {
      String value = source.defaultValue(option);
      if (value != null || says(source, others)) {
        return value;
      }
    }
    return null;
  }

  private static boolean says(CommandLine.IDefaultValueProvider source, List<OptionSpec> options)
      throws Exception {
    for (OptionSpec option : options) {
      if (source.defaultValue(option) != null) {
        return true;
      }
    }
    return false;
  }

  /** The options of the command that stand for this one. */
  private List<OptionSpec> others(OptionSpec option) {
    String name = RunYaml.key(option);
    Set<String> names =
        ALTERNATIVES.stream()
            .filter(a -> a.contains(name))
            .flatMap(Set::stream)
            .filter(n -> !n.equals(name))
            .collect(Collectors.toSet());
    CommandSpec command = given.commandSpec();
    return names.stream().map(n -> command.findOption("--" + n)).filter(o -> o != null).toList();
  }
}
