package org.tlora.tune;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.tlora.data.DataSet;
import org.tlora.data.Encoded;
import org.tlora.data.ExampleEncoder;
import org.tlora.data.RowOrder;
import org.tlora.format.AtomicFiles;
import org.tlora.generate.Generation;
import org.tlora.generate.GenerationRequest;
import org.tlora.generate.Generator;
import org.tlora.generate.Sampling;
import org.tlora.generate.StopWords;
import org.tlora.model.CausalLm;
import org.tlora.model.Linear;
import org.tlora.model.family.PretrainedModel;
import org.tlora.peft.TargetModules;
import org.tlora.report.HtmlReport;
import org.tlora.report.MetricsLog;
import org.tlora.train.StepMetrics;
import org.tlora.train.Trainer;

/** Carries out a {@link TuningJob}. */
public final class TuningRun implements AutoCloseable {
  private static final int SAMPLES_IN_REPORT = 4;
  private static final int SAMPLE_TOKENS = 96;

  private final TuningJob job;
  private final TuningListener listener;
  private final PretrainedModel base;
  private final CausalLm model;
  private final DataSet training;
  private final List<Encoded> evaluation;
  private final FineTuning tuning;

  /**
   * Opens everything that the job reads; nothing is written but the output directory.
   *
   * @throws org.tlora.fault.Fault if something is wrong with the job, its input or its output
   */
  public TuningRun(TuningJob job, TuningListener listener) {
    this.job = job;
    this.listener = listener;
    AtomicFiles.prepareDirectory(job.output());
    base = PretrainedModel.open(job.model());
    try {
      training = read(job.data());
      evaluation = job.evalData() == null ? List.of() : read(List.of(job.evalData())).rows();
      model = base.load(job.computeType());
      List<Linear> targets = TargetModules.choose(model, job.targetModules());
      tuning = new FineTuning(model, job.method(), job.peft(), targets);
    } catch (RuntimeException e) {
      base.close();
      throw e;
    }
  }

  private DataSet read(List<Path> files) {
    ExampleEncoder encoder =
        new ExampleEncoder(
            base.tokenizer(), job.template(), base.trainingEos(), job.cutoffLength());
    DataSet data =
        DataSet.read(
            files,
            job.format(),
            job.promptField(),
            job.responseField(),
            encoder,
            job.cutoffLength());
    listener.onMessage(
        String.format(
            Locale.ROOT,
            "%s: %,d rows as %s%s%s",
            files.get(0),
            data.rows().size(),
            data.format().name(),
            data.withoutSupervision() == 0
                ? ""
                : String.format(
                    Locale.ROOT,
                    "; %,d left out, their prompt fills the cut-off",
                    data.withoutSupervision()),
            data.cut() == 0
                ? ""
                : String.format(Locale.ROOT, "; %,d reach the cut-off", data.cut())));
    return data;
  }

  /** Calibrates (or reads the adapter to start from) and writes {@code calibration.json}. */
  public FineTuning initialise() {
    if (job.initAdapter() != null) {
      tuning.startFrom(job.initAdapter());
    } else {
      List<Encoded> samples = job.method().needs().isEmpty() ? List.of() : calibrationRows();
      tuning.initialise(
          samples,
          job.training().seed(),
          done -> listener.onCalibrationSample(done, samples.size()));
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

  private List<Encoded> calibrationRows() {
    if (job.calibrationData() != null) {
      List<Encoded> rows = read(List.of(job.calibrationData())).rows();
      return rows.subList(0, Math.min(rows.size(), job.calibrationSamples()));
    }
    int n = Math.min(training.rows().size(), job.calibrationSamples());
    RowOrder order = new RowOrder(training.rows().size(), true, job.training().seed());
    List<Encoded> rows = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      rows.add(training.rows().get(order.rowAt(i)));
    }
    return rows;
  }

  /** Writes the adapter as it stands. */
  public void writeAdapter() {
    tuning.writeAdapter(job.output(), job.model().toString());
  }

  /**
   * Trains from the initial adapters, then writes the adapter and {@code report.html}; {@code
   * metrics.jsonl} grows with every step.
   */
  public Trainer.Outcome train(BooleanSupplier stopRequested) {
    try (MetricsLog log = new MetricsLog(job.output().resolve("metrics.jsonl"))) {
      Trainer trainer =
          new Trainer(
              model, tuning.parameters(), job.training(), new Both(log, listener), stopRequested);
      Trainer.Outcome outcome = trainer.train(training.rows(), evaluation);
      writeAdapter();
      List<List<String>> samples = outcome.interrupted() ? List.of() : samples();
      HtmlReport.write(
          job.output().resolve("report.html"),
          TuningReport.of(
              job.method().name() + " on " + job.model().getFileName(),
              tuning,
              log,
              outcome,
              model.parameterCount(),
              samples));
      return outcome;
    }
  }

  /** A few rows with what the model now says: held-out ones where there are any. */
  private List<List<String>> samples() {
    List<Encoded> rows = evaluation.isEmpty() ? training.rows() : evaluation;
    Generator generator = new Generator(model, base.tokenizer(), base.generationEos());
    List<List<String>> samples = new ArrayList<>();
    for (Encoded row : rows.subList(0, Math.min(rows.size(), SAMPLES_IN_REPORT))) {
      int promptLength = 0;
      while (row.labels()[promptLength] == Encoded.IGNORED) {
        promptLength++;
      }
      int[] prompt = java.util.Arrays.copyOf(row.ids(), Math.max(1, promptLength));
      int[] response = java.util.Arrays.copyOfRange(row.ids(), promptLength, row.ids().length);
      Generation g =
          generator.generate(
              new GenerationRequest(prompt, SAMPLE_TOKENS), Sampling.GREEDY, StopWords.NONE);
      samples.add(
          List.of(base.tokenizer().decode(prompt), base.tokenizer().decode(response), g.text()));
    }
    return samples;
  }

  @Override
  public void close() {
    model.close();
    base.close();
  }

  /** Tells two listeners. */
  private record Both(MetricsLog first, TuningListener second)
      implements org.tlora.train.TrainingListener {
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
