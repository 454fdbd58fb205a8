/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.tlora.cli.look.Facts;
import org.tlora.cli.look.Inspection;
import org.tlora.format.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tlora inspect}. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Say what a model, an adapter, a checkpoint, a run, a safetensors file or a data set"
            + " holds.")
public final class InspectCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "PATH",
      description = "What to look at; nothing: this machine.")
  private Path path;

  @Option(names = "--tensors", description = "List every tensor too.")
  private boolean tensors;

  @Option(names = "--layers", description = "List every layer of an adapter too.")
  private boolean layers;

  @Option(names = "--json", description = "Print a JSON object instead of text for people.")
  private boolean json;

  @Override
  public Integer call() {
    Facts facts = Inspection.of(path, new Inspection.Detail(tensors, layers));
    System.out.print(json ? Json.pretty(facts.json()) : facts.text());
    facts.requireNoProblem();
    return 0;
  }
}
