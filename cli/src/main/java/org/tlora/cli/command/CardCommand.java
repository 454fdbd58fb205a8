/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.tlora.ModelCards;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tlora card}. */
@Command(
    name = "card",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Add scores and what else training could not know to the model card of an adapter or a"
            + " model (README.md), or make one where there is none.")
public final class CardCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "DIR",
      description = "A directory with an adapter or a model.")
  private Path directory;

  @Option(
      names = "--scores",
      split = ",",
      paramLabel = "FILE",
      description = "Scores as `tlora evaluate --output` writes them, instead of those of before.")
  private List<Path> scores = new ArrayList<>();

  @Option(
      names = "--base",
      paramLabel = "OWNER/NAME",
      description = "What the base is called on the hub.")
  private String base;

  @Option(
      names = "--license",
      paramLabel = "ID",
      description = "The license, by the hub's id of it, such as apache-2.0.")
  private String license;

  @Option(
      names = "--language",
      split = ",",
      paramLabel = "CODE",
      description = "Languages that it is for, such as en.")
  private List<String> languages = new ArrayList<>();

  @Override
  public Integer call() {
    ModelCards card =
        ModelCards.of(directory)
            .base(base)
            .license(license)
            .languages(languages.toArray(String[]::new));
    scores.forEach(card::scores);
    card.write();
    return 0;
  }
}
