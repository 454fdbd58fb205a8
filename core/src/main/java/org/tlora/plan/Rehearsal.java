/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tlora.autograd.Parameter;
import org.tlora.calibrate.Statistic;
import org.tlora.data.Encoded;
import org.tlora.engine.Footprint;
import org.tlora.engine.Footprint.Part;
import org.tlora.engine.Footprint.Usage;
import org.tlora.engine.Footprint.Work;
import org.tlora.model.Linear;
import org.tlora.train.TrainingOptions;
import org.tlora.tune.FineTuning;
import org.tlora.tune.TuningInputs;
import org.tlora.tune.TuningJob;
import org.tlora.tune.TuningRehearsal;
import org.tlora.tune.TuningRows;

/**
 * A run in small: its own code on tensors without numbers, for a part of the samples, two
 * micro-batches and a few texts.
 */
final class Rehearsal {
  /** So many tokens share a pass of a calibration at most. */
  private static final long SAMPLED_TOKENS = 1024;

  /** What ranks may go by, which nobody knows before. */
  private static final Set<Statistic> SCORES =
      EnumSet.of(Statistic.SENSITIVITY, Statistic.GRADIENT_SENSITIVITY, Statistic.COMPONENTS);

  /**
   * So many micro-batches of a training are gone through for its memory: holes that those of one
   * size leave are not those that the next ones need.
   */
  private static final long MANY = 16;

  /** What a run does one after the other. */
  enum Phase {
    /** Weights are read. */
    LOADING,
    /** Samples are gone through. */
    CALIBRATION,
    /** Adapters begin. */
    START,
    /** Steps. */
    TRAINING,
    /** The loss on rows that are held out. */
    EVALUATION,
    /** Texts for the report. */
    SAMPLES
  }

  /**
   * What was counted.
   *
   * @param trainable numbers that train, by the type of their module
   * @param stored numbers of adapters and of what trains beside them
   * @param base numbers of the model
   * @param scored whether ranks go by scores, which were all the same here
   * @param work of each phase
   * @param calibration what of the samples' tokens was rehearsed
   * @param batches of the run
   * @param typical a micro-batch
   * @param largest the one of the most tokens
   * @param step the optimizer's
   * @param evaluated tokens that the evaluation was rehearsed on
   * @param token of the texts, one of each
   */
  record Counted(
      Map<String, Long> trainable,
      long stored,
      long base,
      boolean scored,
      Map<Phase, Work> work,
      double calibration,
      MicroBatches batches,
      Work typical,
      Work largest,
      Work step,
      long evaluated,
      Work token) {
    long trainableParameters() {
      return trainable.values().stream().mapToLong(n -> n).sum();
    }
  }

  private final TuningJob job;
  private final TuningRows rows;
  private final Footprint footprint = new Footprint();
  private final Map<Phase, Work> work = new EnumMap<>(Phase.class);
  private final MicroBatches batches;
  private double calibrated = 1;

  private Rehearsal(TuningJob job, TuningRows rows) {
    this.job = job;
    this.rows = rows;
    batches = MicroBatches.of(job.training(), rows.training());
  }

  /**
   * Rehearses a job.
   *
   * @throws org.tlora.fault.Fault what the run itself would throw, as far as it does not depend on
   *     numbers
   */
  static Counted of(TuningJob job, TuningRows rows) {
    return new Rehearsal(job, rows).run();
  }

  private Counted run() {
    List<Encoded> samples = samples();
    TuningJob small =
        job.with(
            job.peft(),
            job.training(),
            job.calibration().ofRows(Math.max(1, samples.size())),
            job.base());
    TuningInputs[] inputs = new TuningInputs[1];
    TuningRehearsal[] run = new TuningRehearsal[1];
    try {
      footprint.count(
          Part.WEIGHTS, () -> inputs[0] = new TuningInputs(small, rows.with(samples, List.of())));
      work.put(Phase.LOADING, footprint.take().work());
      FineTuning[] tuning = new FineTuning[1];
      footprint.count(
          Part.ACTIVATIONS,
          () -> {
            run[0] = new TuningRehearsal(small, inputs[0]);
            tuning[0] = run[0].initialise();
          });
      Usage begun = footprint.take();
      work.put(Phase.CALIBRATION, begun.work());
      work.put(Phase.START, begun.apart());
      return trained(inputs[0], run[0], tuning[0]);
    } finally {
      if (run[0] != null) {
        run[0].close();
      }
      if (inputs[0] != null) {
        inputs[0].close();
      }
    }
  }

  /** Of the samples those that take the most, as many as share a pass. */
  private List<Encoded> samples() {
    boolean needed = job.initAdapter() == null && !job.method().needs(job.peft()).isEmpty();
    if (!needed) {
      return rows.training().subList(0, 1);
    }
    List<Encoded> all = rows.samples(job);
    List<Encoded> longest = new ArrayList<>(all);
    longest.sort(Comparator.comparingInt((Encoded r) -> r.ids().length).reversed());
    int count = 1;
    long tokens = longest.get(0).ids().length;
    while (count < longest.size() && tokens + longest.get(count).ids().length <= SAMPLED_TOKENS) {
      tokens += longest.get(count++).ids().length;
    }
    calibrated = (double) MicroBatches.tokens(all) / tokens;
    return List.copyOf(longest.subList(0, count));
  }

  private Counted trained(TuningInputs inputs, TuningRehearsal run, FineTuning tuning) {
    TrainingOptions options = job.training();
    int micro = options.microBatchSize();
    List<Encoded> evaluation = MicroBatches.largest(rows.evaluation(), micro);
    WatchedOptimizer watched = new WatchedOptimizer(footprint, options.weightDecay());
    List<Encoded> typical = batches.typical();
    train(run, options.ofOneStep(typical.size(), micro), typical, List.of(), watched);
    Work first = watched.passes();
    List<Encoded> both = new ArrayList<>();
    boolean several = options.batchSize() > micro && rows.training().size() > micro;
    if (several) { // the gradients of the first are there while the second is run
      both.addAll(typical);
    }
    both.addAll(batches.largest());
    train(run, options.ofOneStep(both.size(), micro), both, evaluation, watched);
    Work second = watched.passes();
    work.put(Phase.EVALUATION, footprint.take().work());
    Work step = watched.step();
    long more = Math.min(batches.steps(), MANY * batches.steps() / batches.count());
    train(run, options.ofFirstSteps(Math.max(1, more)), rows.training(), List.of(), watched);
    work.put(Phase.TRAINING, watched.most());
    Samples samples = new Samples(footprint, rows, inputs, tuning);
    work.put(Phase.SAMPLES, samples.run());
    return new Counted(
        byType(tuning, inputs),
        stored(tuning),
        inputs.model().parameterCount(),
        job.method().needs(job.peft()).stream().anyMatch(SCORES::contains),
        work,
        calibrated,
        batches,
        first,
        several ? Works.less(second, first) : second,
        step,
        MicroBatches.tokens(evaluation),
        samples.token());
  }

  private void train(
      TuningRehearsal run,
      TrainingOptions options,
      List<Encoded> some,
      List<Encoded> evaluation,
      WatchedOptimizer watched) {
    footprint.count(
        Part.ACTIVATIONS,
        () -> run.train(options, some, evaluation, batches.steps(), watched::begin));
  }

  /** Numbers that train by the type of module: a layer's own, else what the name ends in. */
  private static Map<String, Long> byType(FineTuning tuning, TuningInputs inputs) {
    Map<String, String> types = new LinkedHashMap<>();
    inputs.model().adaptable().forEach(l -> types.put(l.name(), l.type()));
    Map<String, Long> all = new LinkedHashMap<>();
    for (Parameter p : tuning.parameters()) {
      all.merge(typeOf(p.name(), types), p.value().size(), Long::sum);
    }
    return all;
  }

  private static String typeOf(String parameter, Map<String, String> types) {
    String module = parameter;
    while (!module.isEmpty()) {
      if (types.containsKey(module)) {
        return types.get(module);
      }
      int dot = module.lastIndexOf('.');
      module = dot < 0 ? "" : module.substring(0, dot);
    }
    String[] parts = parameter.split("\\.");
    return parts.length < 2 ? parameter : parts[parts.length - 2];
  }

  private long stored(FineTuning tuning) {
    long[] sum = new long[1];
    sum[0] = tuning.trainableParameters() - size(tuning.adapters().parameters());
    footprint.count(
        Part.ADAPTERS,
        () -> {
          for (Linear l : tuning.adapters().layers()) {
            sum[0] += tuning.storedNumbers(l);
          }
        });
    footprint.take();
    return sum[0];
  }

  private static long size(List<Parameter> parameters) {
    return parameters.stream().mapToLong(p -> p.value().size()).sum();
  }
}
