/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import java.util.concurrent.Callable;
import org.tlora.LanguageModel;
import org.tlora.TrainingRun;
import org.tlora.Tuning;
import org.tlora.cli.option.MethodChoice;
import org.tlora.cli.terminal.Progress;
import org.tlora.cli.terminal.StopRequest;
import org.tlora.collective.Collective;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tlora train}. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Fine-tune a model; writes the adapter in PEFT's format, metrics and a report.")
public final class TrainCommand implements Callable<Integer> {
  public static final String RESUME = "--resume";
  public static final String RESUME_ANYWAY = "--resume-anyway";

  @Spec private CommandSpec spec;
  @Mixin private MethodChoice options;

  @Option(
      names = RESUME,
      description =
          "Go on from the newest whole checkpoint in --output, to the bit; other options may be left"
              + " out, they are those of its run.yaml.")
  private boolean resume;

  @Option(
      names = RESUME_ANYWAY,
      description = "Go on although configuration, model or data have changed.")
  private boolean resumeAnyway;

  @Override
  public Integer call() {
    return options.inGroup(this::train);
  }

  private int train(Collective group) {
    try (StopRequest stop = new StopRequest();
        Progress progress = new Progress(spec)) {
      Tuning tuning =
          options.tuning().resume(resume).resumeAnyway(resumeAnyway).listeners(progress).build();
      try (LanguageModel model = options.openModel(progress, group)) {
        TrainingRun run = model.train(tuning);
        stop.passTo(run::stop);
        return run.join().interrupted() ? 130 : 0;
      }
    }
  }
}
