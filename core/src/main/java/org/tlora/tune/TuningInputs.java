/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.tlora.calibrate.Calibration;
import org.tlora.calibrate.ComponentRule;
import org.tlora.calibrate.Statistic;
import org.tlora.calibrate.Statistics;
import org.tlora.calibrate.Streams;
import org.tlora.data.Encoded;
import org.tlora.data.Labels;
import org.tlora.data.encode.DataSet;
import org.tlora.data.encode.ExampleEncoder;
import org.tlora.data.encode.LabelScan;
import org.tlora.data.encode.RowEncoder;
import org.tlora.data.encode.RowOrder;
import org.tlora.data.file.DataFile;
import org.tlora.engine.Device;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.model.CausalLm;
import org.tlora.model.Linear;
import org.tlora.model.Model;
import org.tlora.model.SequenceClassifier;
import org.tlora.objective.Objective;
import org.tlora.objective.Objectives;
import org.tlora.peft.TargetModules;
import org.tlora.peft.disk.AdapterDirectory;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.pretrained.RowEncoders;
import org.tlora.run.RunListener;
import org.tlora.run.StopSignal;
import org.tlora.train.Processes;
import org.tlora.train.RateTest;
import org.tlora.train.TrainingPlan;

/**
 * What a job reads: the model, in memory once however many methods are tried on it, and the data.
 */
public final class TuningInputs implements AutoCloseable {
  /** With the statistics less than what a step of training keeps. */
  private static final long CALIBRATION_ACTIVATIONS = 768L << 20;

  /** So many rows are shown with what the model says of them. */
  private static final int SHOWN = 4;

  private final TuningJob job;
  private final RunListener listener;
  private final StopSignal stop;
  private final Processes processes;
  private final PretrainedModel base;
  private final boolean rehearsed;
  private final boolean ownsBase;
  private final Labels labels; // null for a decoder
  private final RowEncoder encoder;
  private final CausalLm shared; // or null
  private final Model model;
  private final List<DataSet> opened = new ArrayList<>();
  private final int[] newTokens; // ids that the model's files do not have
  private final RowOrder split; // of all rows, where a share is evaluated on; or null
  private final List<Encoded> training;
  private final List<Encoded> evaluation;
  private final List<Linear> targets;
  private final Beside beside;
  private final InputDigests digests;

  /**
   * Opens everything; nothing is written.
   *
   * @param stop ends a calibration
   * @throws org.tlora.fault.Fault if something is wrong with the job or its input
   */
  public TuningInputs(TuningJob job, RunListener listener, StopSignal stop) {
    this(job, listener, stop, null, Processes.alone());
  }

  /**
   * The same on weights that are in memory already, as the job wants them, and stay there.
   *
   * @param shared a decoder of the job's files that nothing was changed of, or null
   * @param processes that share the work; each of them opens the same
   */
  public TuningInputs(
      TuningJob job, RunListener listener, StopSignal stop, CausalLm shared, Processes processes) {
    this(job, listener, stop, shared, processes, rows -> {});
  }

  /**
   * The same.
   *
   * @param before is shown the rows before the weights are read, which takes long
   */
  public TuningInputs(
      TuningJob job,
      RunListener listener,
      StopSignal stop,
      CausalLm shared,
      Processes processes,
      Consumer<TuningRows> before) {
    this(job, listener, stop, shared, processes, before, false);
  }

  /** The same with a model that has shapes and no numbers, which takes neither time nor memory. */
  public static TuningInputs rehearsed(TuningJob job, RunListener listener) {
    return new TuningInputs(
        job, listener, StopSignal.NEVER, null, Processes.alone(), rows -> {}, true);
  }

  private TuningInputs(
      TuningJob job,
      RunListener listener,
      StopSignal stop,
      CausalLm shared,
      Processes processes,
      Consumer<TuningRows> before,
      boolean rehearsed) {
    this.job = job;
    this.rehearsed = rehearsed;
    ownsBase = true;
    this.processes = processes;
    this.shared = shared;
    this.listener = listener;
    this.stop = stop;
    base = PretrainedModel.open(job.model(), job.families());
    base.notices().forEach(listener::message);
    Model loaded = null;
    try {
      newTokens = prepareTokenizer();
      labels = base.isEncoder() ? labels() : null;
      encoder =
          labels != null
              ? RowEncoders.encoder(base, labels, job.cutoffLength())
              : RowEncoders.decoder(base, job.template(), job.cutoffLength(), job.reading());
      List<Encoded> read = read(job.data());
      split =
          job.validationShare() == 0
              ? null
              : new RowOrder(read.size(), true, job.training().seed());
      List<Encoded> rows = shuffledForSplit(read);
      int apart = Math.max(job.heldOut(), (int) Math.round(job.validationShare() * rows.size()));
      if (apart == 0 && job.validationShare() > 0) {
        throw new UsageFault(
            "`validationShare` "
                + job.validationShare()
                + " of "
                + rows.size()
                + " rows leaves none to evaluate on: raise it, or name `heldOut` rows");
      }
      if (apart >= rows.size()) {
        throw new UsageFault(
            (job.heldOut() > 0
                    ? "`heldOut` " + job.heldOut()
                    : "`validationShare` " + job.validationShare())
                + " leaves no row to train on");
      }
      int trained = rows.size() - apart;
      training = rows.subList(0, trained);
      evaluation =
          job.evalData() == null
              ? rows.subList(trained, rows.size())
              : read(List.of(DataFile.of(job.evalData())));
      if (job.training().findsRate() && training.size() < RateTest.LEAST_ROWS) {
        throw new UsageFault(
            "`learningRate` auto needs "
                + RateTest.LEAST_ROWS
                + " rows to train on, and there are "
                + training.size()
                + ": name a rate");
      }
      before.accept(rows());
      digests = new InputDigests(base.path(), training, evaluation);
      loaded = load(newTokens);
      beside = beside(newTokens);
      targets = TargetModules.choose(loaded, job.targetModules());
      beside.check(loaded, targets);
      model = loaded;
    } catch (RuntimeException e) {
      if (loaded != null && loaded != shared) {
        loaded.close();
      }
      closeFiles();
      throw e;
    }
  }

  /**
   * Rows that are there already, and a model that has shapes and no numbers; both stay the caller's
   * but for that.
   *
   * @param job may be another than that which the rows were read for, in all that does not change
   *     them
   * @throws org.tlora.fault.Fault if something is wrong with the job or its input
   */
  public TuningInputs(TuningJob job, TuningRows rows) {
    this.job = job;
    rehearsed = true;
    ownsBase = false;
    processes = Processes.alone();
    shared = null;
    listener = new RunListener() {};
    stop = StopSignal.NEVER;
    base = rows.base();
    labels = rows.labels();
    encoder = rows.encoder();
    split = null;
    training = rows.training();
    evaluation = rows.evaluation();
    newTokens = rows.newTokens();
    digests = new InputDigests(base.path(), training, evaluation);
    model = load(newTokens);
    try {
      beside = beside(newTokens);
      targets = TargetModules.choose(model, job.targetModules());
      beside.check(model, targets);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /** All rows in an order of the seed's, where a part of them is to be evaluated on. */
  private List<Encoded> shuffledForSplit(List<Encoded> rows) {
    if (split == null) {
      return rows;
    }
    return IntStream.range(0, rows.size()).mapToObj(i -> rows.get(split.rowAt(i))).toList();
  }

  /** Those that the user names, those of an encoder that was trained before, or the rows'. */
  private Labels labels() {
    if (job.labels() != null) {
      return job.labels();
    }
    if (job.initAdapter() != null) {
      Optional<Labels> started = AdapterDirectory.labels(job.initAdapter());
      if (started.isPresent()) {
        return started.get();
      }
    }
    Labels seen = LabelScan.of(job.data(), job.reading());
    return base.labels()
        .filter(
            l -> l.isRegression() ? seen.isRegression() : l.classes().containsAll(seen.classes()))
        .orElse(seen);
  }

  /** That of the adapter to start from, with the tokens that are to be added. */
  private int[] prepareTokenizer() {
    if (job.initAdapter() != null) {
      AdapterDirectory.require(job.initAdapter());
      base.useTokenizerOf(job.initAdapter());
      if (base.hasHeadApart()) {
        AdapterDirectory.requireNoTying(job.initAdapter());
      }
    }
    List<String> more = job.beside().newTokens();
    return more.isEmpty() ? new int[0] : base.addTokens(more);
  }

  private Beside beside(int[] newTokens) {
    Set<Integer> ids = new TreeSet<>();
    for (String token : job.beside().tokens()) {
      ids.add(idOf(token));
    }
    Arrays.stream(newTokens).forEach(ids::add);
    return new Beside(job.beside().modules(), List.copyOf(ids));
  }

  private int idOf(String token) {
    if (token.matches("id=[0-9]{1,9}")) {
      return Integer.parseInt(token.substring(3));
    }
    int id = base.tokenizer().idOf(token);
    if (id < 0) {
      throw new UsageFault(
          "`trainableTokens` '" + token + "' is no token; `newTokens` adds one, id=N names one");
    }
    return id;
  }

  private Model load(int[] newTokens) {
    if (labels == null) {
      if (shared != null) {
        return shared;
      }
      CausalLm decoder =
          rehearsed
              ? base.rehearse(job.computeType(), job.heldAs())
              : base.load(job.computeType(), Device.CPU, job.heldAs());
      if (newTokens.length > 0) {
        addTokens(decoder, newTokens);
      }
      return decoder;
    }
    if (newTokens.length > 0) {
      throw new UsageFault("`newTokens` are for decoders");
    }
    SequenceClassifier classifier =
        rehearsed
            ? base.rehearseClassifier(labels, job.computeType(), job.heldAs())
            : base.loadClassifier(labels, job.computeType(), Device.CPU, job.heldAs());
    listener.message(
        (labels.isRegression() ? "a number" : "classes " + String.join(", ", labels.classes()))
            + (classifier.newWeights().isEmpty()
                ? ", with the head of the model"
                : ", with a new head"));
    return classifier;
  }

  private void addTokens(CausalLm decoder, int[] newTokens) {
    if (newTokens[0] > decoder.vocabularySize()) {
      decoder.close();
      throw new InputFault(
          "model "
              + base.path()
              + " has vectors for "
              + decoder.vocabularySize()
              + " tokens, its tokenizer knows "
              + newTokens[0]
              + ": `newTokens` would have none");
    }
    decoder.addTokens(newTokens);
    listener.message(
        newTokens.length
            + " new tokens from id "
            + newTokens[0]
            + "; the vocabulary has "
            + decoder.vocabularySize());
  }

  private List<Encoded> read(List<DataFile> files) {
    DataSet data = DataSet.read(files, job.reading(), encoder);
    opened.add(data);
    data.summary().forEach(listener::message);
    return data.rows();
  }

  /** All that was read but the weights; it goes when this is closed. */
  public TuningRows rows() {
    return new TuningRows(base, labels, encoder, training, evaluation, newTokens);
  }

  /** Tells the listener something that a user should know. */
  void say(String line) {
    listener.message(line);
  }

  /** The model's files. */
  public PretrainedModel base() {
    return base;
  }

  /** Who takes part. */
  Processes processes() {
    return processes;
  }

  /** The model in memory. */
  public Model model() {
    return model;
  }

  /** Rows to train on. */
  public List<Encoded> training() {
    return training;
  }

  /**
   * Says what of the training may be otherwise than somebody expects, before anything takes time.
   */
  public void announce() {
    new TrainingPlan(job.training(), training.size()).notes().forEach(listener::message);
  }

  /**
   * Everything that decides the result of a run on these inputs: what was asked for, and the
   * contents, not the places, of model and data.
   */
  public Map<String, String> settings(TuningJob run) {
    Map<String, String> all = new LinkedHashMap<>(run.settings());
    all.keySet().removeAll(List.of("model", "data", "eval-data"));
    all.put("model contents", digests.model());
    all.put("rows to train on", training.size() + " with digest " + digests.trainingRows());
    all.put("rows to evaluate on", evaluation.size() + " with digest " + digests.evaluationRows());
    Path calibrated = job.calibration().data();
    String digest = calibrated == null ? null : digests.of(calibrated);
    all.put("calibration-data", digest == null ? "" + calibrated : "a file with digest " + digest);
    return all;
  }

  /** Digests of all that is read. */
  InputDigests digests() {
    return digests;
  }

  /** Names a row to train on by its file and its number there. */
  String where(int index) {
    return opened.get(0).where(split == null ? index : split.rowAt(index));
  }

  /** A few rows to show what the model says of them: held-out ones where there are any. */
  public List<Encoded> shown() {
    List<Encoded> rows = evaluation.isEmpty() ? training : evaluation;
    return rows.subList(0, Math.min(rows.size(), SHOWN));
  }

  /**
   * What a run's samples are made of.
   *
   * @throws org.tlora.fault.Fault if prompts that were named cannot be read
   */
  List<Encoded> prompts(TuningJob run) {
    return run.during().samplePrompts().isEmpty()
        ? shown()
        : SamplePrompts.of(run, encoder instanceof ExampleEncoder e ? e : null);
  }

  /** Rows to evaluate on; may be empty. */
  public List<Encoded> evaluation() {
    return evaluation;
  }

  /** What trains beside adapters. */
  Beside beside() {
    return beside;
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
    model.startHead(seed);
    // what a search for components finds depends on the method's options, and is never kept
    if (run.calibration().cache() == null || wanted.contains(Statistic.COMPONENTS)) {
      ComponentRule rule = run.method().components(run.peft());
      return gather(
          targets, samples, wanted, Calibration.Stopping.NEVER, new Streams(Set.of()), rule);
    }
    CalibrationCache cache =
        new CalibrationCache(
            run.calibration().cache(),
            CalibrationKey.of(
                base, model, targets, samples, job.calibration().batchSize(), headSeed(seed)));
    Optional<Statistics> found = cache.read(targets, wanted);
    if (!processes.all().any(found.isEmpty())) {
      listener.message("calibration read from " + run.calibration().cache());
      return found.get();
    }
    found.ifPresent(Statistics::close); // another process does not see the file
    Statistics gathered = gather(targets, samples, wanted, Calibration.Stopping.NEVER);
    if (processes.all().isFirst()) {
      cache.write(gathered);
    }
    return gathered;
  }

  /** What a new head is drawn from, which gradients depend on. */
  private String headSeed(long seed) {
    return model instanceof SequenceClassifier c && !c.newWeights().isEmpty()
        ? labels.write() + " from " + seed
        : "none";
  }

  /** Those of some layers, by passes that begin where others have ended. */
  Statistics gather(
      List<Linear> layers, List<Encoded> samples, Set<Statistic> wanted, Streams streams) {
    return gather(layers, samples, wanted, Calibration.Stopping.NEVER, streams, ComponentRule.NONE);
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
    return gather(layers, samples, wanted, stopping, new Streams(Set.of()), ComponentRule.NONE);
  }

  private Statistics gather(
      List<Linear> layers,
      List<Encoded> samples,
      Set<Statistic> wanted,
      Calibration.Stopping stopping,
      Streams streams,
      ComponentRule components) {
    return Calibration.run(
        model,
        layers,
        samples,
        new Calibration.Plan(
            objective(),
            wanted,
            job.calibration().batchSize(),
            stopping,
            stop,
            job.training().recompute(),
            CALIBRATION_ACTIVATIONS,
            processes.all(),
            streams,
            components),
        done -> listener.calibration(done, samples.size()));
  }

  /**
   * Rows that are neither trained nor evaluated on.
   *
   * @param seen how many of them are trained or evaluated on all the same
   */
  public record OtherRows(List<Encoded> rows, String digest, int seen) {}

  /**
   * Reads another file as the rows to train on are read.
   *
   * @throws InputFault if it has no row to learn from
   */
  public OtherRows others(Path file) {
    List<Encoded> rows = read(List.of(DataFile.of(file)));
    if (rows.isEmpty()) {
      throw new InputFault(file + " has no row to test on");
    }
    Set<String> known = new HashSet<>();
    training.forEach(r -> known.add(Contents.ofRows(List.of(r))));
    evaluation.forEach(r -> known.add(Contents.ofRows(List.of(r))));
    int seen = (int) rows.stream().filter(r -> known.contains(Contents.ofRows(List.of(r)))).count();
    return new OtherRows(rows, Contents.ofRows(rows), seen);
  }

  /** What a batch loses. */
  public Objective objective() {
    return job.objective() == null ? Objectives.of(model) : job.objective();
  }

  /** The rows to calibrate on. */
  List<Encoded> samples(long seed) {
    if (job.calibration().data() != null) {
      List<Encoded> rows = read(List.of(DataFile.of(job.calibration().data())));
      return rows.subList(0, Math.min(rows.size(), job.calibration().samples()));
    }
    return TuningRows.sample(training, job.calibration().samples(), seed);
  }

  @Override
  public void close() {
    if (model != shared) {
      model.close();
    }
    closeFiles();
  }

  private void closeFiles() {
    opened.forEach(DataSet::close);
    if (ownsBase) {
      base.close();
    }
  }
}
