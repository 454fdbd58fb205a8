package org.tlora.tune;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.tlora.data.encode.Encoded;
import org.tlora.engine.NativeMemory;
import org.tlora.model.Model;
import org.tlora.report.HtmlReport;
import org.tlora.report.MetricsLog;
import org.tlora.report.Report;
import org.tlora.train.StepMetrics;
import org.tlora.train.Trainer;
import org.tlora.train.TrainingListener;

/** Carries out a {@link TuningJob} on inputs that are open; nobody else may write its output. */
public final class TuningRun implements AutoCloseable {
  private static final int SAMPLES_IN_REPORT = 4;

  private final TuningJob job;
  private final TuningInputs inputs;
  private final TuningListener listener;
  private final Model model;
  private final FineTuning tuning;
  private final TuningOutput output;
  private final RunCheckpoints checkpoints;

  /**
   * Prepares a run; nothing is written but the output directory.
   *
   * @param resuming what becomes of checkpoints that are there
   * @throws org.tlora.fault.Fault if something is wrong with the method's options or the output
   */
  public TuningRun(TuningJob job, TuningInputs inputs, TuningListener listener, Resuming resuming) {
    this(job, inputs, listener, TuningOutput.of(job.output(), resuming));
  }

  /**
   * The same in an output that is open already, which is closed with the run.
   *
   * @throws org.tlora.fault.Fault if something is wrong with the method's options, or the output
   *     holds checkpoints of another run; the output is closed then
   */
  public TuningRun(
      TuningJob job, TuningInputs inputs, TuningListener listener, TuningOutput output) {
    this.job = job;
    this.inputs = inputs;
    this.listener = listener;
    this.model = inputs.model();
    this.output = output;
    try {
      tuning = new FineTuning(model, job.method(), job.peft(), inputs.targets(), inputs.beside());
      checkpoints = new RunCheckpoints(job, inputs, tuning, listener, output);
    } catch (RuntimeException e) {
      output.close();
      throw e;
    }
  }

  /** Whether it goes on from a checkpoint. */
  public boolean isResumed() {
    return checkpoints.isResumed();
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
        checkpoints.restore();
      } else {
        begin();
      }
      return tuning;
    } catch (RuntimeException e) {
      throw explained(e, true);
    }
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
      tuning.startFrom(job.initAdapter()).forEach(listener::onMessage);
    } else {
      new CalibratedStart(job, inputs, tuning).run();
    }
    tuning.writeCalibration(job.output().resolve("calibration.json"));
    long trainable = tuning.trainableParameters();
    listener.onMessage(
        String.format(
            Locale.ROOT,
            "%s: %,d trainable parameters (%.2f %% of %,d), initialised in %.1f s",
            job.method().name(),
            trainable,
            100.0 * trainable / model.parameterCount(),
            model.parameterCount(),
            tuning.initialisationSeconds()));
  }

  /** Writes the adapter (or the model, where its weights train) as it stands. */
  public void write() {
    tuning.write(job.output(), inputs.base());
  }

  /** What training left: how it ended, and its curves. */
  public record Result(Trainer.Outcome outcome, MetricsLog log) {}

  /**
   * Trains, then writes the adapter and {@code report.html}; {@code metrics.jsonl} grows with every
   * step.
   */
  public Result train(BooleanSupplier stopRequested) {
    Path metrics = job.output().resolve("metrics.jsonl");
    try (MetricsLog log = new MetricsLog(metrics, checkpoints.stepsTaken())) {
      checkpoints.rely(log);
      Trainer trainer =
          new Trainer(
              model,
              tuning.parameters(),
              tuning::rule,
              job.training(),
              new Both(log, listener),
              stopRequested);
      Trainer.Outcome outcome =
          trainer.train(inputs.training(), inputs::where, inputs.evaluation(), checkpoints);
      write();
      List<List<String>> samples = outcome.interrupted() ? List.of() : samples();
      String title = job.method().name() + " on " + job.model().getFileName();
      Report report = TuningReport.of(title, tuning, log, outcome, model.parameterCount(), samples);
      HtmlReport.write(job.output().resolve("report.html"), report);
      return new Result(outcome, log);
    } catch (RuntimeException e) {
      throw explained(e, false);
    }
  }

  /** A few rows with what the model now says: held-out ones where there are any. */
  private List<List<String>> samples() {
    List<Encoded> rows = inputs.evaluation().isEmpty() ? inputs.training() : inputs.evaluation();
    List<Encoded> few = rows.subList(0, Math.min(rows.size(), SAMPLES_IN_REPORT));
    return ReportSamples.of(inputs.base(), model, few);
  }

  /** Lets others write to the output. */
  @Override
  public void close() {
    output.close();
  }

  /** Tells two listeners. */
  private record Both(MetricsLog first, TuningListener second) implements TrainingListener {
    @Override
    public void onStep(StepMetrics metrics, long totalSteps) {
      first.onStep(metrics, totalSteps);
      second.onStep(metrics, totalSteps);
    }

    @Override
    public void onSkippedStep(long step, String reason, String rows) {
      first.onSkippedStep(step, reason, rows);
      second.onSkippedStep(step, reason, rows);
    }

    @Override
    public void onEvaluation(long step, double loss) {
      first.onEvaluation(step, loss);
      second.onEvaluation(step, loss);
    }
  }
}
