/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.tlora.collective.Collective;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.plan.MemoryWarning;
import org.tlora.report.TuningReport;
import org.tlora.run.Listeners;
import org.tlora.run.StepReport;
import org.tlora.run.StopSignal;
import org.tlora.track.Trackers;
import org.tlora.train.Processes;
import org.tlora.train.Trainer;
import org.tlora.tune.FineTuning;
import org.tlora.tune.Measure;
import org.tlora.tune.Resuming;
import org.tlora.tune.TuningInputs;
import org.tlora.tune.TuningJob;
import org.tlora.tune.TuningOutput;
import org.tlora.tune.TuningRun;

/**
 * A fine-tuning that goes on in a thread of its own, which ends with it. Safe for threads.
 *
 * <p>{@link #stop} ends it well: after the step that it is in, with a checkpoint, from which {@link
 * TuningBuilder#resume} goes on to the same bits.
 */
public final class TrainingRun {
  private final CompletableFuture<TrainingResult> result = new CompletableFuture<>();
  private volatile boolean stopping;

  private TrainingRun() {}

  static TrainingRun start(Tuning tuning, LanguageModel model) {
    TrainingRun run = new TrainingRun();
    Thread thread = new Thread(() -> run.complete(tuning, model), "training");
    thread.start();
    return run;
  }

  private void complete(Tuning tuning, LanguageModel model) {
    try {
      result.complete(train(tuning, model, signal(tuning)));
    } catch (Throwable e) {
      result.completeExceptionally(e);
    }
  }

  private StopSignal signal(Tuning tuning) {
    return new StopSignal() {
      @Override
      public boolean isRequested() {
        return stopping;
      }

      @Override
      public boolean isRequestedAfter(long steps) {
        return stopping || tuning.stopsAfter(steps);
      }
    };
  }

  /** Asks it to end after the step or the calibration sample that it is in. */
  public void stop() {
    stopping = true;
  }

  /** Whether it has ended, well or not. */
  public boolean isDone() {
    return result.isDone();
  }

  /** Its result, once it is there. */
  public CompletableFuture<TrainingResult> result() {
    return result.copy();
  }

  /**
   * Waits for its end.
   *
   * @throws org.tlora.fault.Fault what went wrong: usage, input, or the run itself
   */
  public TrainingResult join() {
    try {
      return result.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e;
    }
  }

  /** Waits for its end, well or not. */
  void await() {
    result.handle((done, failed) -> null).join();
  }

  private static TrainingResult train(Tuning tuning, LanguageModel model, StopSignal stop) {
    TuningJob job = model.job(tuning);
    Processes processes = tuning.processes(model.group());
    boolean first = processes.all().isFirst();
    if (first) {
      Trackers.check(tuning.trackers(), System.getenv()); // the others track nothing
    }
    try (Listeners listeners = first ? Listeners.of(tuning.listeners()) : Listeners.none();
        TuningOutput output = TuningOutput.of(job.output(), tuning.resuming(), processes.all())) {
      RunFile started =
          first ? RunFile.begin(job.output(), tuning.runFile(job.model())) : RunFile.NONE;
      List<Measure> measures =
          tuning.tasks() == null
              ? List.of()
              : List.of(new EvaluationTasks(tuning.tasks(), listeners));
      try (TuningInputs inputs = opened(job, listeners, stop, model, processes);
          TuningRun run = new TuningRun(job, inputs, measures, listeners, output)) {
        if (tuning.resuming() != Resuming.NO && !run.isResumed()) {
          listeners.message("no checkpoint in " + job.output() + ": the run begins anew");
        }
        tuning.idle(inputs.base().isEncoder(), processes.all()).forEach(listeners::message);
        inputs.announce();
        FineTuning tuned = run.initialise();
        started.stays();
        double rate = run.findRate(stop);
        if (tuning.findsRate()) {
          started.settle(tuning.runFile(job.model(), rate));
        }
        TuningRun.Result trained;
        try (Tracked tracked =
            first ? Tracked.of(tuning, job, run, rate, listeners) : Tracked.NOT) {
          trained = run.train(stop);
          if (first) {
            TuningReport.write(job, inputs, tuned, trained, Tuning.usualOptions());
            tracked.written(job.output());
          }
        }
        Trainer.Outcome outcome = trained.outcome();
        listeners.message(
            String.format(
                Locale.ROOT,
                "%s after %d steps: %.0f real tokens/s; adapter and report in %s%s",
                outcome.interrupted() ? "interrupted" : "done",
                outcome.steps(),
                outcome.tokens() / outcome.seconds(),
                job.output(),
                outcome.interrupted() ? "; `resume` goes on" : ""));
        return result(job, tuned, trained);
      } catch (UsageFault | InputFault e) {
        started.takeBack();
        throw e;
      }
    }
  }

  /** The others wait as long as this takes. */
  private static TuningInputs opened(
      TuningJob job,
      Listeners listeners,
      StopSignal stop,
      LanguageModel model,
      Processes processes) {
    boolean first = processes.all().isFirst(); // who alone has somebody to warn
    try (Collective.Busy busy = processes.all().busy()) {
      return new TuningInputs(
          job,
          listeners,
          stop,
          model.shared(job),
          processes,
          rows -> {
            if (first) {
              MemoryWarning.of(job, rows).ifPresent(listeners::message);
            }
          });
    }
  }

  /** Calibrates in the calling thread and writes the adapter as it starts. */
  static void calibrate(Tuning tuning, LanguageModel model, StopSignal stop) {
    if (tuning.method().trainsBase()) {
      throw new UsageFault("`method` " + tuning.method().name() + " has no initial adapter");
    }
    if (tuning.resuming() != Resuming.NO) {
      throw new UsageFault(
          "`resume` goes on with training: a calibration has nothing to go on from");
    }
    TuningJob job = model.job(tuning);
    Processes processes = tuning.processes(model.group());
    boolean first = processes.all().isFirst();
    try (Listeners listeners = first ? Listeners.of(tuning.listeners()) : Listeners.none();
        TuningInputs inputs = opened(job, listeners, stop, model, processes);
        TuningRun run =
            new TuningRun(
                job,
                inputs,
                listeners,
                TuningOutput.of(job.output(), Resuming.NO, processes.all()))) {
      run.initialise();
      run.write();
      listeners.message("initial adapter and calibration.json in " + job.output());
    }
  }

  private static TrainingResult result(TuningJob job, FineTuning tuned, TuningRun.Result trained) {
    Trainer.Outcome outcome = trained.outcome();
    var steps = trained.log().steps();
    StepReport last = steps.isEmpty() ? null : steps.get(steps.size() - 1);
    return new TrainingResult(
        job.output(),
        outcome.interrupted(),
        outcome.steps(),
        outcome.skipped(),
        last == null ? Double.NaN : last.loss(),
        trained.heldOutLoss(),
        tuned.trainableParameters(),
        outcome.tokens(),
        outcome.seconds());
  }
}
