package org.tlora.tune;

import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.tlora.data.Encoded;
import org.tlora.format.AtomicFiles;
import org.tlora.model.Model;
import org.tlora.report.HtmlReport;
import org.tlora.report.MetricsLog;
import org.tlora.report.Report;
import org.tlora.train.StepMetrics;
import org.tlora.train.Trainer;
import org.tlora.train.TrainingListener;

/** Carries out a {@link TuningJob} on inputs that are open. */
public final class TuningRun {
  private static final int SAMPLES_IN_REPORT = 4;

  private final TuningJob job;
  private final TuningInputs inputs;
  private final TuningListener listener;
  private final Model model;
  private final FineTuning tuning;

  /**
   * Prepares a run; nothing is written but the output directory.
   *
   * @throws org.tlora.fault.Fault if something is wrong with the method's options or the output
   */
  public TuningRun(TuningJob job, TuningInputs inputs, TuningListener listener) {
    this.job = job;
    this.inputs = inputs;
    this.listener = listener;
    this.model = inputs.model();
    AtomicFiles.prepareDirectory(job.output());
    tuning = new FineTuning(model, job.method(), job.peft(), inputs.targets());
  }

  /**
   * Calibrates if the method asks for it, and starts (or starts from the adapter that the job
   * names); writes {@code calibration.json}.
   */
  public FineTuning initialise() {
    model.startHead(job.training().seed());
    if (job.initAdapter() != null) {
      tuning.startFrom(job.initAdapter());
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
    return tuning;
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
    try (MetricsLog log = new MetricsLog(job.output().resolve("metrics.jsonl"))) {
      Trainer trainer =
          new Trainer(
              model,
              tuning.parameters(),
              tuning::rule,
              job.training(),
              new Both(log, listener),
              stopRequested);
      Trainer.Outcome outcome = trainer.train(inputs.training(), inputs.evaluation());
      write();
      List<List<String>> samples = outcome.interrupted() ? List.of() : samples();
      String title = job.method().name() + " on " + job.model().getFileName();
      Report report = TuningReport.of(title, tuning, log, outcome, model.parameterCount(), samples);
      HtmlReport.write(job.output().resolve("report.html"), report);
      return new Result(outcome, log);
    }
  }

  /** A few rows with what the model now says: held-out ones where there are any. */
  private List<List<String>> samples() {
    List<Encoded> rows = inputs.evaluation().isEmpty() ? inputs.training() : inputs.evaluation();
    List<Encoded> few = rows.subList(0, Math.min(rows.size(), SAMPLES_IN_REPORT));
    return ReportSamples.of(inputs.base(), model, few);
  }

  /** Tells two listeners. */
  private record Both(MetricsLog first, TuningListener second) implements TrainingListener {
    @Override
    public void onStep(StepMetrics metrics, long totalSteps) {
      first.onStep(metrics, totalSteps);
      second.onStep(metrics, totalSteps);
    }

    @Override
    public void onEvaluation(long step, double loss) {
      first.onEvaluation(step, loss);
      second.onEvaluation(step, loss);
    }
  }
}
