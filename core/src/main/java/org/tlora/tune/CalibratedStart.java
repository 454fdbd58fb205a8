/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.tlora.calibrate.Calibration;
import org.tlora.calibrate.Statistic;
import org.tlora.calibrate.Statistics;
import org.tlora.calibrate.Streams;
import org.tlora.data.Encoded;
import org.tlora.engine.ProcessMemory;
import org.tlora.fault.UsageFault;
import org.tlora.model.Linear;
import org.tlora.peft.Targets;
import org.tlora.run.Bytes;

/**
 * Gathers what a method needs and starts its adapters: in one pass, or, where memory is bounded,
 * one pass for the sensitivities and then one for the tensors of each group of layers, whose
 * adapters are started before the next.
 */
final class CalibratedStart {
  /** So many bytes of statistics are no burden anywhere. */
  private static final long AUTOMATIC = 768L << 20;

  private static final long PART_OF_MACHINE = 4;

  private final TuningJob job;
  private final TuningInputs inputs;
  private final FineTuning tuning;

  CalibratedStart(TuningJob job, TuningInputs inputs, FineTuning tuning) {
    this.job = job;
    this.inputs = inputs;
    this.tuning = tuning;
  }

  void run() {
    long seed = job.training().seed();
    Set<Statistic> needs = job.method().needs(job.peft());
    if (job.calibration().untilSettled() && needs.contains(Statistic.GRADIENT)) {
      throw new UsageFault(
          "`calibrationSamples` auto does not go with `method` "
              + job.method().name()
              + ", whose gradient is a mean over all samples");
    }
    long bound = memory(needs);
    List<List<Linear>> groups = StatisticGroups.of(inputs.targets(), needs, bound);
    if (groups.size() > 1 && atOnce()) {
      throw new UsageFault(
          "`calibrationMemory` is too small: `method` "
              + job.method().name()
              + " shares out ranks by the tensors of all layers with these options, which take "
              + Bytes.text(StatisticGroups.bytes(inputs.targets(), needs)));
    }
    if (groups.size() == 1) {
      try (Statistics statistics = all(needs, seed)) {
        tuning.initialise(statistics, seed);
      }
      ProcessMemory.trim(); // a training's tensors have other sizes than what was gathered
    } else {
      inputs.say(
          String.format(
              Locale.ROOT,
              "statistics of all layers would take %s: they are gathered in %d groups",
              Bytes.text(StatisticGroups.bytes(inputs.targets(), needs)),
              groups.size()));
      inGroups(groups, needs, seed, bound);
    }
  }

  private boolean atOnce() {
    return job.method().allocatesByTensors(job.peft());
  }

  /**
   * Bytes of statistics at a time; 0: all. Where nothing is said, a part of the machine's memory,
   * so that a run does the same each time on a machine. More groups cost next to nothing, since
   * passes go on where those of the group before have ended.
   */
  private long memory(Set<Statistic> needs) {
    if (job.calibration().memory() > 0 || job.calibration().cache() != null || atOnce()) {
      return job.calibration().memory();
    }
    long all = StatisticGroups.bytes(inputs.targets(), needs);
    long most = Math.max(AUTOMATIC, ProcessMemory.machineBytes() / PART_OF_MACHINE);
    return all <= most ? 0 : Math.max(AUTOMATIC, StatisticGroups.largest(inputs.targets(), needs));
  }

  private Statistics all(Set<Statistic> needs, long seed) {
    if (!job.calibration().untilSettled() || !needs.contains(Statistic.SENSITIVITY)) {
      return inputs.calibrate(job, needs, seed);
    }
    return inputs.gather(inputs.targets(), inputs.samples(seed), needs, settled());
  }

  private Calibration.Stopping settled() {
    if (!job.calibration().untilSettled()) {
      return Calibration.Stopping.NEVER;
    }
    Targets targets = new Targets(inputs.targets(), inputs.model().parameterCount());
    return new SettledAllocation(job.method(), job.peft(), targets);
  }

  /** Scores by mean gradients, which exist for one group at a time. */
  private Statistics scoredInGroups(List<List<Linear>> groups, List<Encoded> samples) {
    Map<Linear, Double> scores = new LinkedHashMap<>();
    double seconds = 0;
    for (List<Linear> group : groups) {
      Set<Statistic> only = EnumSet.of(Statistic.GRADIENT_SENSITIVITY);
      try (Statistics s = inputs.gather(group, samples, only, Calibration.Stopping.NEVER)) {
        scores.putAll(s.gradientSensitivities());
        seconds += s.seconds();
      }
      ProcessMemory.trim();
    }
    return Statistics.ofGradientSensitivities(scores, samples.size(), seconds);
  }

  private void inGroups(List<List<Linear>> groups, Set<Statistic> needs, long seed, long bound) {
    List<Encoded> samples = inputs.samples(seed);
    Set<Statistic> tensors = EnumSet.copyOf(needs);
    tensors.remove(Statistic.SENSITIVITY);
    tensors.remove(Statistic.GRADIENT_SENSITIVITY);
    if (needs.contains(Statistic.SENSITIVITY)) {
      Set<Statistic> only = EnumSet.of(Statistic.SENSITIVITY);
      try (Statistics s = inputs.gather(inputs.targets(), samples, only, settled())) {
        samples = samples.subList(0, s.samples());
        tuning.allocate(s);
      }
      ProcessMemory.trim(); // what a pass with a way back has left is of other sizes
    } else if (needs.contains(Statistic.GRADIENT_SENSITIVITY)) {
      tuning.allocate(scoredInGroups(groups, samples));
    } else {
      tuning.allocate(Statistics.none());
    }
    long tokens = samples.stream().mapToLong(s -> s.ids().length).sum();
    Linear first = inputs.model().linears().get(0);
    long kept = tokens * first.inFeatures() * first.computeType().bytes();
    try (Streams streams = new Streams(Set.of())) {
      for (int i = 0; i < groups.size(); i++) {
        List<Linear> group = groups.get(i);
        boolean goesOn = i + 1 < groups.size() && kept <= bound;
        streams.expect(goesOn ? Set.copyOf(groups.get(i + 1)) : Set.of());
        try (Statistics s = inputs.gather(group, samples, tensors, streams)) {
          tuning.start(group, s, seed);
        }
        ProcessMemory.trim(); // the next group's matrices have other sizes
      }
    }
    tuning.attach();
  }
}
