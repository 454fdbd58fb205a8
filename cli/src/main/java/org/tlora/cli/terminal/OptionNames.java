/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.terminal;

import java.util.Set;
import java.util.TreeSet;
import org.tlora.fault.Property;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What the library calls properties, as the command line calls them: {@code `cutoffLength`} is
 * {@code --cutoff-length} here.
 *
 * @param known the names of all options, without dashes before them
 */
public record OptionNames(Set<String> known) {
  /** Those of all commands of a program. */
  public static OptionNames of(CommandSpec command) {
    Set<String> known = new TreeSet<>();
    addAll(command.root(), known);
    return new OptionNames(known);
  }

  private static void addAll(CommandSpec command, Set<String> known) {
    for (CommandLine sub : command.subcommands().values()) {
      sub.getCommandSpec()
          .options()
          .forEach(o -> known.add(o.longestName().replaceFirst("^-+", "")));
      addAll(sub.getCommandSpec(), known);
    }
  }

  /** A message that speaks of options. */
  public String in(String message) {
    return Property.renamed(message, p -> known.contains(p) ? "--" + p : null);
  }
}
