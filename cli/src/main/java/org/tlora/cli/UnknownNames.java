/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.tlora.fault.Nearest;
import org.tlora.fault.UsageFault;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Commands and options that there are not, and what was meant by them. */
final class UnknownNames {
  private UnknownNames() {}

  /**
   * Looks through what was parsed.
   *
   * @param program what it was parsed by
   * @throws UsageFault with the command that is not known, or else each such option
   */
  static void refuse(ParseResult program) {
    ParseResult own = program.hasSubcommand() ? program.subcommand() : program;
    if (own == program) {
      own.unmatched().stream()
          .filter(a -> !isOption(a))
          .findFirst()
          .ifPresent(UnknownNames.command(own.commandSpec()));
    }
    List<String> found = new ArrayList<>();
    for (String argument : mistaken(program, own)) {
      found.add(option(argument.replaceFirst("=.*", ""), own.commandSpec()));
    }
    if (!found.isEmpty()) {
      throw new UsageFault(String.join("; ", found) + " (see " + help(own.commandSpec()) + ")");
    }
  }

  private static Consumer<String> command(CommandSpec program) {
    return name -> {
      String question = Nearest.question(name, program.subcommands().keySet());
      throw new UsageFault(
          "'" + name + "' is no command" + question + " (see " + help(program) + ")");
    };
  }

  private static String option(String name, CommandSpec command) {
    List<String> known =
        command.options().stream().map(OptionSpec::longestName).map(UnknownNames::bare).toList();
    return name
        + " is unknown"
        + Nearest.of(bare(name), known).map(n -> "; did you mean --" + n + "?").orElse("");
  }

  /** How to get a command's help. */
  static String help(CommandSpec command) {
    return command.qualifiedName(" ") + " --help";
  }

  /** Options that were left over, or taken for one more file of an option that takes many. */
  private static Set<String> mistaken(ParseResult program, ParseResult own) {
    Set<String> all = new LinkedHashSet<>(program.unmatched());
    all.addAll(own.unmatched());
    for (OptionSpec option : own.matchedOptions()) {
      if (option.arity().isVariable()) {
        option.originalStringValues().stream()
            .filter(a -> !Files.exists(Path.of(a)))
            .forEach(all::add);
      }
    }
    all.removeIf(a -> !isOption(a));
    return all;
  }

  private static boolean isOption(String argument) {
    return argument.startsWith("-") && argument.length() > 1;
  }

  private static String bare(String name) {
    return name.replaceFirst("^-+", "");
  }
}
