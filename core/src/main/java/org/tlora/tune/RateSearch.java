/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.tlora.collective.Collective;
import org.tlora.data.Encoded;
import org.tlora.data.encode.RowOrder;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.run.RunListener;
import org.tlora.run.StopSignal;
import org.tlora.train.RateTest;
import org.tlora.train.TrainingParts;

/** Finds the learning rate of a job that leaves it open. */
final class RateSearch {
  private final TuningJob job;
  private final TuningInputs inputs;
  private final RunListener listener;
  private final Collective all;

  RateSearch(TuningJob job, TuningInputs inputs, RunListener listener) {
    this.job = job;
    this.inputs = inputs;
    this.listener = listener;
    all = inputs.processes().all();
  }

  /**
   * A job whose rate was found before, where its run goes on from a checkpoint: what it trains with
   * is not looked for again.
   *
   * @throws UsageFault if nothing says what was found
   */
  static TuningJob known(TuningJob job, TuningOutput output, Collective all) {
    if (!job.training().findsRate() || output.resuming() == Resuming.NO) {
      return job;
    }
    double found = 0;
    String missing = "";
    if (all.isFirst() && !output.checkpoints().isEmpty()) {
      OptionalDouble read = RateChoice.read(job.output());
      found = read.orElse(-1);
      missing = job.output().resolve(RateChoice.FILE).toString();
    }
    double rate = all.sum(found)[0];
    if (rate < 0) {
      throw new UsageFault(
          "`learningRate` auto: "
              + (missing.isEmpty() ? RateChoice.FILE : missing)
              + ", which says what the run goes on with, is missing; name the rate");
    }
    return rate == 0 ? job : job.with(job.training().withRate(rate));
  }

  /**
   * Runs the test from where adapters start, writes what came of it, and says so.
   *
   * @return the job with the rate
   * @throws RunFault if it is asked to stop
   */
  TuningJob search(TrainingParts parts, StopSignal stop) {
    List<Encoded> rows = rows();
    int rowsOfStep = RateTest.rowsOfStep(job.training());
    listener.message(
        "learning rate auto: at most "
            + RateTest.STEPS
            + " steps of "
            + rowsOfStep
            + (rowsOfStep == 1 ? " row" : " rows")
            + " at rising rates, which are taken back");
    List<RateTest.Point> curve = RateTest.run(parts, job.training(), rows, stop);
    if (curve == null) {
      throw new RunFault("stopped while the learning rate was looked for: nothing is trained yet");
    }
    RateChoice choice = RateChoice.of(curve);
    if (all.isFirst()) {
      choice.write(job.output(), curve, rows.size(), rowsOfStep);
    }
    listener.message(choice.line());
    return job.with(job.training().withRate(choice.rate()));
  }

  /** Those that the method calibrates on, or else the first that the run trains on. */
  private List<Encoded> rows() {
    long seed = job.training().seed();
    if (job.initAdapter() == null && !job.method().needs(job.peft()).isEmpty()) {
      return inputs.samples(seed);
    }
    List<Encoded> training = inputs.training();
    RowOrder order = new RowOrder(training.size(), job.training().shuffle(), seed);
    int most = RateTest.STEPS * RateTest.rowsOfStep(job.training());
    List<Encoded> rows = new ArrayList<>();
    for (int i = 0; i < Math.min(most, training.size()); i++) {
      rows.add(training.get(order.rowAt(0, i)));
    }
    return rows;
  }
}
