/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.tlora.LanguageModel;
import org.tlora.Tuning;
import org.tlora.cli.option.MethodChoice;
import org.tlora.cli.option.Sizes;
import org.tlora.cli.terminal.PlanText;
import org.tlora.cli.terminal.Progress;
import org.tlora.collective.Alone;
import org.tlora.engine.ProcessMemory;
import org.tlora.run.Fitting;
import org.tlora.run.RunPlan;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tlora plan}. */
@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Say what a training with these options will take, without running it: trainable"
            + " parameters, memory, steps, time and disk.")
public final class PlanCommand implements Callable<Integer> {
  private static final String OUTPUT = "--output";
  private static final String FIT = "--fit";

  @Spec private CommandSpec spec;
  @Mixin private MethodChoice options;

  @Option(
      names = FIT,
      paramLabel = "SIZE",
      description =
          "Propose settings that fit into so much memory, such as 8G: rows at once, gradient"
              + " checkpointing, calibration memory, quantisation, rank, and at last the length of"
              + " rows.")
  private String fit;

  @Option(names = "--json", description = "Write a JSON object.")
  private boolean json;

  /** The options are those of a training, but nothing is written: no output need be named. */
  public static void adjust(CommandSpec command) {
    OptionSpec output = command.findOption(OUTPUT);
    command.remove(output);
    command.addOption(
        OptionSpec.builder(output)
            .required(false)
            .description("Where a training would write; not used here.")
            .build());
  }

  @Override
  public Integer call() {
    long bytes = fit == null ? 0 : Sizes.bytes(FIT, fit);
    try (Progress progress = new Progress(spec)) {
      Tuning tuning =
          options.tuning().output(Path.of("")).listeners(progress).build(); // nothing is written
      try (LanguageModel model = options.openModel(progress, new Alone())) {
        PlanText text = new PlanText(ProcessMemory.roomBytes());
        if (fit == null) {
          RunPlan plan = model.plan(tuning);
          System.out.print(json ? text.json(plan) : text.of(plan));
        } else {
          Fitting fitting = model.fit(tuning, bytes);
          System.out.print(json ? text.json(fitting) : text.of(fitting));
        }
      }
    }
    return 0;
  }
}
