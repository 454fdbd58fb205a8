/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.LongFunction;
import org.tlora.collective.Agreement;
import org.tlora.collective.Collective;
import org.tlora.data.Encoded;
import org.tlora.engine.NativeMemory;
import org.tlora.fault.UsageFault;
import org.tlora.model.Adaptation;
import org.tlora.model.Model;
import org.tlora.run.Listeners;
import org.tlora.run.RunEnd;
import org.tlora.run.RunListener;
import org.tlora.run.RunStart;
import org.tlora.run.StopSignal;
import org.tlora.train.Best;
import org.tlora.train.Evaluations;
import org.tlora.train.Measurement;
import org.tlora.train.Onlooker;
import org.tlora.train.Selection;
import org.tlora.train.Trainer;
import org.tlora.train.TrainingParts;
import org.tlora.train.TrainingRule;

/** Carries out a {@link TuningJob} on inputs that are open; nobody else may write its output. */
public final class TuningRun implements AutoCloseable {
  private TuningJob job;
  private final TuningInputs inputs;
  private final Listeners listeners;
  private final Model model;
  private final FineTuning tuning;
  private final TuningOutput output;
  private final RunCheckpoints checkpoints;
  private final Collective all;
  private final List<Measure> measures;
  private final List<Encoded> prompts; // what samples are made of; empty: none are

  /**
   * Prepares a run; nothing is written but the output directory.
   *
   * @param resuming what becomes of checkpoints that are there
   * @throws org.tlora.fault.Fault if something is wrong with the method's options or the output
   */
  public TuningRun(TuningJob job, TuningInputs inputs, Listeners listeners, Resuming resuming) {
    this(job, inputs, listeners, TuningOutput.of(job.output(), resuming));
  }

  /**
   * The same in an output that is open already, which is closed with the run.
   *
   * @throws org.tlora.fault.Fault if something is wrong with the method's options, or the output
   *     holds checkpoints of another run; the output is closed then
   */
  public TuningRun(TuningJob job, TuningInputs inputs, Listeners listeners, TuningOutput output) {
    this(job, inputs, List.of(), listeners, output);
  }

  /**
   * The same with more that is measured at each evaluation.
   *
   * @throws org.tlora.fault.Fault also if the model cannot be measured so, or nothing has the name
   *     that the best state is told by
   */
  public TuningRun(
      TuningJob job,
      TuningInputs inputs,
      List<Measure> measures,
      Listeners listeners,
      TuningOutput output) {
    this.measures = List.copyOf(measures);
    this.inputs = inputs;
    this.listeners = listeners;
    this.model = inputs.model();
    this.output = output;
    all = inputs.processes().all();
    try {
      this.job = job;
      tuning =
          new FineTuning(model, job.method(), job.peft(), inputs.targets(), inputs.beside(), all);
      if (all.isGroup()) {
        agree();
      }
      this.job = RateSearch.known(job, output, all);
      measures.forEach(m -> m.requireFit(inputs));
      requireMetric();
      prompts = job.during().sampleEvery() > 0 ? inputs.prompts(job) : List.of();
      checkpoints = new RunCheckpoints(this.job, inputs, tuning, measures, listeners, output);
    } catch (RuntimeException e) {
      output.close();
      throw e;
    }
  }

  private void requireMetric() {
    Selection selection = job.during().selection();
    if (selection == null) {
      return;
    }
    Set<String> known = new LinkedHashSet<>();
    if (!inputs.evaluation().isEmpty()) {
      known.add(RunListener.EVAL_LOSS);
    }
    known.add(Selection.TRAIN_LOSS);
    measures.forEach(m -> known.addAll(m.names()));
    if (!known.contains(selection.metric())) {
      throw new UsageFault(
          "`bestMetric` "
              + selection.metric()
              + " is not measured in this run; there are "
              + String.join(", ", known));
    }
  }

  /** Makes sure that all processes are in the same run. */
  private void agree() {
    Map<String, String> settings;
    try (Collective.Busy busy = all.busy()) {
      settings = inputs.settings(job); // looks through the whole model
      measures.forEach(m -> settings.putAll(m.settings()));
    }
    Agreement.require(all, settings);
  }

  /** Whether it goes on from a checkpoint. */
  public boolean isResumed() {
    return checkpoints.isResumed();
  }

  /** Steps that were taken before, by the run that this one goes on from. */
  public long stepsTaken() {
    return checkpoints.stepsTaken();
  }

  /**
   * Goes on from a checkpoint if there is one to go on from; otherwise calibrates if the method
   * asks for it, and starts (or starts from the adapter that the job names), and writes {@code
   * calibration.json}.
   */
  public FineTuning initialise() {
    try {
      model.startHead(job.training().seed());
      if (checkpoints.isResumed()) {
        try (Collective.Busy busy = all.busy()) {
          checkpoints.restore();
        }
      } else {
        begin();
      }
      return tuning;
    } catch (RuntimeException e) {
      throw explained(e, true);
    }
  }

  /**
   * Finds the learning rate, where the job leaves it open and no earlier run has found it; does
   * nothing otherwise. Adapters are where they start, before and after.
   *
   * @param stop ends it
   * @return the rate of the run
   * @throws org.tlora.fault.RunFault if it is asked to stop
   */
  public double findRate(StopSignal stop) {
    if (job.training().findsRate()) {
      try {
        job = new RateSearch(job, inputs, listeners).search(parts(), stop);
      } catch (RuntimeException e) {
        throw explained(e, false);
      }
      checkpoints.settle(job);
    }
    return job.training().learningRate();
  }

  private TrainingParts parts() {
    return TrainingParts.of(model, Adaptation.of(tuning.adapters()), tuning.parameters())
        .with((LongFunction<TrainingRule>) tuning::rule)
        .with(all, inputs.processes().sharding())
        .with(inputs.objective());
  }

  /** Says what takes memory where there is not enough of it. */
  private RuntimeException explained(RuntimeException e, boolean initialising) {
    if (!NativeMemory.isExhausted(e)) {
      return e;
    }
    return MemoryPlan.of(job, inputs, tuning)
        .exhausted(e, initialising, job.training().recompute());
  }

  private void begin() {
    if (job.initAdapter() != null) {
      tuning.startFrom(job.initAdapter()).forEach(listeners::message);
    } else {
      new CalibratedStart(job, inputs, tuning).run();
    }
    tuning.requireEqual();
    if (all.isFirst()) {
      tuning.writeCalibration(job.output().resolve("calibration.json"));
    }
    long trainable = tuning.trainableParameters();
    listeners.message(
        String.format(
            Locale.ROOT,
            "%s: %,d trainable parameters (%.2f %% of %,d), initialised in %.1f s",
            job.method().name(),
            trainable,
            100.0 * trainable / model.parameterCount(),
            model.parameterCount(),
            tuning.initialisationSeconds()));
  }

  /**
   * Writes the adapter (or the model, where its weights train) as it stands, with its card; one
   * does for all.
   */
  public void write() {
    write(null);
  }

  private void write(Result trained) {
    if (all.isFirst()) {
      try (Collective.Busy busy = all.busy()) {
        tuning.write(job.output(), inputs.base());
        new RunCard(job, inputs, tuning, trained).write().ifPresent(listeners::message);
      }
    }
    all.barrier();
  }

  /**
   * What training left: how it ended, and its curves.
   *
   * @param before what the model was, where training has changed it in place; else null, since it
   *     can still be asked
   */
  public record Result(Trainer.Outcome outcome, MetricsLog log, BeforeRun before) {
    /** That of what is left: of the best state where one was looked for, or else of the last. */
    public double heldOutLoss() {
      return outcome.best() == null ? outcome.heldOutLoss() : outcome.best().heldOutLoss();
    }
  }

  /** Trains, then writes the adapter; {@code metrics.jsonl} grows with every step. */
  public Result train(StopSignal stop) {
    findRate(stop);
    listeners.started(
        new RunStart(
            job.method().name(),
            tuning.trainableParameters(),
            model.parameterCount(),
            job.settings()));
    try {
      Result result = trained(stop);
      Trainer.Outcome outcome = result.outcome();
      Map<String, Double> scalars = new LinkedHashMap<>();
      if (!Double.isNaN(result.heldOutLoss())) {
        scalars.put(RunListener.EVAL_LOSS, result.heldOutLoss());
      }
      if (outcome.best() != null) {
        scalars.put(outcome.best().metric(), outcome.best().value());
      }
      listeners.ended(new RunEnd(outcome.steps(), outcome.interrupted(), null, scalars));
      return result;
    } catch (RuntimeException e) {
      listeners.ended(new RunEnd(checkpoints.stepsTaken(), false, "" + e.getMessage(), Map.of()));
      throw e;
    }
  }

  private Result trained(StopSignal stop) {
    Path metrics = job.output().resolve("metrics.jsonl");
    try (MetricsLog log =
        all.isFirst()
            ? new MetricsLog(metrics, checkpoints.stepsTaken())
            : MetricsLog.unwritten()) {
      checkpoints.rely(log);
      BeforeRun before = before();
      Trainer trainer = new Trainer(parts(), job.training(), log, listeners, stop);
      Trainer.Outcome outcome =
          trainer.train(inputs.training(), inputs::where, evaluations(), checkpoints);
      leaveTheBest(outcome, log);
      Result result = new Result(outcome, log, before);
      write(result);
      return result;
    } catch (RuntimeException e) {
      throw explained(e, false);
    }
  }

  /** What the model is, where that cannot be asked any more once it is trained. */
  private BeforeRun before() {
    if (!tuning.changesModel() || !all.isFirst()) {
      return null;
    }
    if (checkpoints.stepsTaken() > 0) {
      return BeforeRun.unknown(
          "the run was resumed, and what it had trained by then is in the model itself");
    }
    try (Collective.Busy busy = all.busy()) {
      return BeforeRun.of(job, inputs);
    }
  }

  private Evaluations evaluations() {
    List<Measurement> taken = new ArrayList<>();
    for (Measure m : measures) {
      taken.add(asked -> m.of(inputs, tuning.adapters(), all, asked));
    }
    Onlooker onlooker =
        prompts.isEmpty()
            ? Onlooker.NONE
            : new RunSamples(job, inputs, tuning, prompts, listeners, checkpoints.stepsTaken());
    return new Evaluations(inputs.evaluation(), taken, job.during().selection(), onlooker);
  }

  /** What is written is the best state, where one was looked for. */
  private void leaveTheBest(Trainer.Outcome outcome, MetricsLog log) {
    Best best = outcome.best();
    if (best == null || !all.isFirst()) {
      return;
    }
    if (outcome.endedEarly()) {
      listeners.message(
          String.format(
              Locale.ROOT,
              "ended early after step %d: %d evaluations without a better %s",
              outcome.steps(),
              job.during().selection().patience(),
              best.metric()));
    }
    if (best.steps() != outcome.steps()) {
      try (Collective.Busy busy = all.busy()) {
        checkpoints.restoreBest(best);
      }
    }
    listeners.message(
        String.format(
            Locale.ROOT,
            "the adapter is the best of %d evaluations: %s %.4f after step %d%s",
            log.evaluations().size(),
            best.metric(),
            best.value(),
            best.steps(),
            best.steps() == outcome.steps() ? ", the last" : ""));
  }

  /** Frees the adapters and lets others write to the output. */
  @Override
  public void close() {
    tuning.close();
    checkpoints.close();
    output.close();
  }
}
