/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.tlora.cli.terminal.Progress;
import org.tlora.quickstart.Quickstart;
import org.tlora.run.Listeners;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tlora quickstart}. */
@Command(
    name = "quickstart",
    mixinStandardHelpOptions = true,
    description =
        "The main job in small, offline: fine-tune a tiny model with LoRA and TLoRA on a task that it"
            + " cannot do, and compare.")
public final class QuickstartCommand implements Callable<Integer> {
  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "out/quickstart",
      description = "Where the report and the adapters go (default: ${DEFAULT-VALUE}).")
  private Path output;

  @Override
  public Integer call() {
    try (Progress progress = new Progress();
        Listeners listeners = Listeners.of(progress)) {
      System.out.print(Quickstart.run(output, listeners));
      return 0;
    }
  }
}
