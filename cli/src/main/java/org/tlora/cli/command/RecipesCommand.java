/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import java.util.Locale;
import java.util.concurrent.Callable;
import org.tlora.cli.option.Recipes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tlora recipes}. */
@Command(
    name = "recipes",
    mixinStandardHelpOptions = true,
    description =
        "List the set-ups that come with the program, for --recipe of train, calibrate and compare;"
            + " or print one.")
public final class RecipesCommand implements Callable<Integer> {
  @Parameters(arity = "0..1", paramLabel = "NAME", description = "The recipe to print.")
  private String name;

  @Override
  public Integer call() {
    if (name != null) {
      System.out.print(Recipes.text(name));
      return 0;
    }
    for (String recipe : Recipes.names()) {
      System.out.println(String.format(Locale.ROOT, "%-18s %s", recipe, Recipes.summary(recipe)));
    }
    return 0;
  }
}
