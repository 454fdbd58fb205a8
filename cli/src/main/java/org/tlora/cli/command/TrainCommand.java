package org.tlora.cli.command;

import java.util.Locale;
import java.util.concurrent.Callable;
import org.tlora.cli.option.MethodChoice;
import org.tlora.cli.terminal.Progress;
import org.tlora.cli.terminal.StopRequest;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.report.TuningReport;
import org.tlora.run.Listeners;
import org.tlora.train.Trainer;
import org.tlora.tune.FineTuning;
import org.tlora.tune.Resuming;
import org.tlora.tune.TuningInputs;
import org.tlora.tune.TuningJob;
import org.tlora.tune.TuningOutput;
import org.tlora.tune.TuningRun;
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

  private Resuming resuming() {
    if (resumeAnyway) {
      return Resuming.ANYWAY;
    }
    return resume ? Resuming.IF_UNCHANGED : Resuming.NO;
  }

  @Override
  public Integer call() {
    TuningJob job = options.job();
    try (StopRequest stop = new StopRequest();
        Progress progress = new Progress();
        Listeners listeners = Listeners.of(progress);
        TuningOutput output = TuningOutput.of(job.output(), resuming())) {
      StartedRun started = StartedRun.of(job.output(), spec);
      try (TuningInputs inputs = new TuningInputs(job, listeners, stop);
          TuningRun run = new TuningRun(job, inputs, listeners, output)) {
        if (resuming() != Resuming.NO && !run.isResumed()) {
          listeners.message("no checkpoint in " + job.output() + ": the run begins anew");
        }
        inputs.announce();
        FineTuning tuning = run.initialise();
        started.stays();
        TuningRun.Result result = run.train(stop);
        TuningReport.write(job, inputs, tuning, result);
        Trainer.Outcome outcome = result.outcome();
        listeners.message(
            String.format(
                Locale.ROOT,
                "%s after %d steps: %.0f real tokens/s; adapter and report in %s%s",
                outcome.interrupted() ? "interrupted" : "done",
                outcome.steps(),
                outcome.tokens() / outcome.seconds(),
                options.output(),
                outcome.interrupted() ? "; --resume goes on" : ""));
        return outcome.interrupted() ? 130 : 0;
      } catch (UsageFault | InputFault e) {
        started.takeBack();
        throw e;
      }
    }
  }
}
