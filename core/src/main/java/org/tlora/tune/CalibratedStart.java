/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.tlora.calibrate.Calibration;
import org.tlora.calibrate.Statistic;
import org.tlora.calibrate.Statistics;
import org.tlora.data.Encoded;
import org.tlora.fault.UsageFault;
import org.tlora.model.Linear;
import org.tlora.peft.Targets;

/**
 * Gathers what a method needs and starts its adapters: in one pass, or, where memory is bounded,
 * one pass for the sensitivities and then one for the tensors of each group of layers, whose
 * adapters are started before the next.
 */
final class CalibratedStart {
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
    List<List<Linear>> groups =
        StatisticGroups.of(inputs.targets(), needs, job.calibration().memory());
    if (groups.size() == 1) {
      try (Statistics statistics = all(needs, seed)) {
        tuning.initialise(statistics, seed);
      }
    } else {
      inGroups(groups, needs, seed);
    }
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

  private void inGroups(List<List<Linear>> groups, Set<Statistic> needs, long seed) {
    List<Encoded> samples = inputs.samples(seed);
    Set<Statistic> tensors = EnumSet.copyOf(needs);
    tensors.remove(Statistic.SENSITIVITY);
    if (needs.contains(Statistic.SENSITIVITY)) {
      Set<Statistic> only = EnumSet.of(Statistic.SENSITIVITY);
      try (Statistics s = inputs.gather(inputs.targets(), samples, only, settled())) {
        samples = samples.subList(0, s.samples());
        tuning.allocate(s);
      }
    } else {
      tuning.allocate(Statistics.none());
    }
    for (List<Linear> group : groups) {
      try (Statistics s = inputs.gather(group, samples, tensors, Calibration.Stopping.NEVER)) {
        tuning.start(group, s, seed);
      }
    }
    tuning.attach();
  }
}
