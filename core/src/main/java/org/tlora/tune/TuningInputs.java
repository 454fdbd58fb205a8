package org.tlora.tune;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.tlora.calibrate.Calibration;
import org.tlora.calibrate.Statistic;
import org.tlora.calibrate.Statistics;
import org.tlora.data.DataSet;
import org.tlora.data.Encoded;
import org.tlora.data.ExampleEncoder;
import org.tlora.data.RowOrder;
import org.tlora.fault.UsageFault;
import org.tlora.model.CausalLm;
import org.tlora.model.Linear;
import org.tlora.model.family.PretrainedModel;
import org.tlora.peft.TargetModules;

/**
 * What a job reads: the model, in memory once however many methods are tried on it, and the data.
 */
public final class TuningInputs implements AutoCloseable {
  private final TuningJob job;
  private final TuningListener listener;
  private final PretrainedModel base;
  private final CausalLm model;
  private final List<Encoded> training;
  private final List<Encoded> evaluation;
  private final List<Linear> targets;

  /**
   * Opens everything; nothing is written.
   *
   * @throws org.tlora.fault.Fault if something is wrong with the job or its input
   */
  public TuningInputs(TuningJob job, TuningListener listener) {
    this.job = job;
    this.listener = listener;
    base = PretrainedModel.open(job.model());
    CausalLm loaded = null;
    try {
      List<Encoded> rows = read(job.data()).rows();
      if (job.heldOut() >= rows.size()) {
        throw new UsageFault("--held-out " + job.heldOut() + " leaves no row to train on");
      }
      int trained = rows.size() - job.heldOut();
      training = rows.subList(0, trained);
      evaluation =
          job.evalData() == null
              ? rows.subList(trained, rows.size())
              : read(List.of(job.evalData())).rows();
      loaded = base.load(job.computeType());
      targets = TargetModules.choose(loaded, job.targetModules());
      model = loaded;
    } catch (RuntimeException e) {
      if (loaded != null) {
        loaded.close();
      }
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

  /** The model's files. */
  public PretrainedModel base() {
    return base;
  }

  /** The model in memory. */
  public CausalLm model() {
    return model;
  }

  /** Rows to train on. */
  public List<Encoded> training() {
    return training;
  }

  /** Rows to evaluate on; may be empty. */
  public List<Encoded> evaluation() {
    return evaluation;
  }

  /** The layers that methods work on. */
  public List<Linear> targets() {
    return targets;
  }

  /**
   * Gathers statistics in one pass, or reads them from a cache; owned by the caller.
   *
   * @param run names the cache
   * @param wanted what is needed; nothing is run for nothing
   * @param seed chooses the samples where the job names no file of them
   * @throws org.tlora.fault.InputFault if the cache was made from something else
   */
  public Statistics calibrate(TuningJob run, Set<Statistic> wanted, long seed) {
    if (wanted.isEmpty()) {
      return Statistics.none();
    }
    List<Encoded> samples = samples(seed);
    if (run.calibrationCache() == null) {
      return gather(samples, wanted);
    }
    CalibrationCache cache =
        new CalibrationCache(
            run.calibrationCache(),
            CalibrationKey.of(base, model, targets, samples, job.calibrationBatchSize()));
    Optional<Statistics> found = cache.read(targets, wanted);
    if (found.isPresent()) {
      listener.onMessage("calibration read from " + run.calibrationCache());
      return found.get();
    }
    Statistics gathered = gather(samples, wanted);
    cache.write(gathered);
    return gathered;
  }

  private Statistics gather(List<Encoded> samples, Set<Statistic> wanted) {
    return gather(targets, samples, wanted, Calibration.Stopping.NEVER);
  }

  /**
   * Gathers statistics of some layers, without a cache; owned by the caller.
   *
   * @param stopping may end the pass early
   */
  Statistics gather(
      List<Linear> layers,
      List<Encoded> samples,
      Set<Statistic> wanted,
      Calibration.Stopping stopping) {
    return Calibration.run(
        model,
        layers,
        samples,
        wanted,
        job.calibrationBatchSize(),
        stopping,
        done -> listener.onCalibrationSample(done, samples.size()));
  }

  /** The rows to calibrate on. */
  List<Encoded> samples(long seed) {
    if (job.calibrationData() != null) {
      List<Encoded> rows = read(List.of(job.calibrationData())).rows();
      return rows.subList(0, Math.min(rows.size(), job.calibrationSamples()));
    }
    int n = Math.min(training.size(), job.calibrationSamples());
    RowOrder order = new RowOrder(training.size(), true, seed);
    List<Encoded> rows = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      rows.add(training.get(order.rowAt(i)));
    }
    return rows;
  }

  @Override
  public void close() {
    model.close();
    base.close();
  }
}
