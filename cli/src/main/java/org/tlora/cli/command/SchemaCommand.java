/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import java.util.List;
import java.util.concurrent.Callable;
import org.tlora.cli.option.RunSchema;
import org.tlora.fault.Nearest;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tlora schema}. */
@Command(
    name = "schema",
    mixinStandardHelpOptions = true,
    description = "Print the JSON Schema of the files that --config takes, for editors.")
public final class SchemaCommand implements Callable<Integer> {
  private static final List<String> CONFIGURED = List.of("train", "calibrate", "compare");

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "COMMAND",
      defaultValue = "train",
      description = "train, calibrate or compare (default: ${DEFAULT-VALUE}).")
  private String command;

  @Override
  public Integer call() {
    if (!CONFIGURED.contains(command)) {
      throw new UsageFault(
          "no file configures "
              + command
              + ", but "
              + String.join(", ", CONFIGURED)
              + Nearest.question(command, CONFIGURED));
    }
    System.out.print(Json.pretty(RunSchema.of(spec.root(), command)));
    return 0;
  }
}
