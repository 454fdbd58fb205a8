package org.tlora.cli;

import java.util.Locale;
import java.util.concurrent.Callable;
import org.tlora.train.Trainer;
import org.tlora.tune.TuningInputs;
import org.tlora.tune.TuningJob;
import org.tlora.tune.TuningRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code tlora train}. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Fine-tune a model; writes the adapter in PEFT's format, metrics and a report.")
final class TrainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private MethodChoice options;

  @Override
  public Integer call() {
    TuningJob job = options.job();
    try (StopRequest stop = new StopRequest();
        Progress progress = new Progress();
        TuningInputs inputs = new TuningInputs(job, progress)) {
      TuningRun run = new TuningRun(job, inputs, progress);
      run.initialise();
      RunYaml.write(options.output().resolve("run.yaml"), spec);
      Trainer.Outcome outcome = run.train(stop::isRequested).outcome();
      progress.onMessage(
          String.format(
              Locale.ROOT,
              "%s after %d steps: %.0f real tokens/s; adapter and report in %s",
              outcome.interrupted() ? "interrupted" : "done",
              outcome.steps(),
              outcome.tokens() / outcome.seconds(),
              options.output()));
      return outcome.interrupted() ? 130 : 0;
    }
  }
}
