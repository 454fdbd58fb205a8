/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tlora.engine.DType;
import org.tlora.engine.Footprint.Part;
import org.tlora.engine.Footprint.Work;
import org.tlora.engine.Speed;
import org.tlora.plan.Rehearsal.Counted;
import org.tlora.run.Fitting;
import org.tlora.run.RunPlan;
import org.tlora.tune.TuningJob;
import org.tlora.tune.TuningRows;

/** Says what runs will take that read the same rows. Not safe for threads. */
public final class Planner {
  /**
   * Texts of a report go on for so many tokens behind their prompts, of a large model for fewer.
   */
  private static final int SAMPLE_TOKENS = 96;

  private static final int FEW_SAMPLE_TOKENS = 24;
  private static final long LARGE_MODEL = 3_000_000_000L;

  /** Of a report, and of a step's line in the metrics. */
  private static final long REPORT_BYTES = 200_000;

  private static final long LINE_BYTES = 400;

  private final TuningRows rows;
  private final Speed speed; // or null
  private final double reading;
  private final long java = JavaMemory.bytes(); // once, so that plans compare

  private Planner(TuningRows rows, Speed speed, double reading) {
    this.rows = rows;
    this.speed = speed;
    this.reading = reading;
  }

  /** A planner that says nothing of time, which would have to be measured. */
  public static Planner ofMemory(TuningRows rows) {
    return new Planner(rows, null, Double.NaN);
  }

  /**
   * One that measures the machine, some seconds long, when it is first asked.
   *
   * @param readingSeconds how long it took to read the rows
   */
  public static Planner measuring(TuningRows rows, TuningJob job, double readingSeconds) {
    Speed speed = new Speed(code -> rows.base().sampleOf(code, job.computeType(), job.heldAs()));
    return new Planner(rows, speed, readingSeconds);
  }

  /**
   * What a run will take.
   *
   * @throws org.tlora.fault.Fault what the run itself would throw, as far as it does not depend on
   *     numbers
   */
  public RunPlan plan(TuningJob job) {
    return plan(job, rows);
  }

  /**
   * Settings for a run that fit into some memory, which cost as little as may be.
   *
   * @throws org.tlora.fault.Fault as {@link #plan(TuningJob)}
   */
  public Fitting fit(TuningJob job, long bytes) {
    return new FitSearch(this, job, rows, bytes).find();
  }

  /** The same with other rows. */
  RunPlan plan(TuningJob job, TuningRows some) {
    Counted c = Rehearsal.of(job, some);
    List<RunPlan.Phase> phases = new ArrayList<>();
    Map<Rehearsal.Phase, Double> seconds = seconds(job, c);
    Work highest = null;
    long peak = 0;
    for (Map.Entry<Rehearsal.Phase, Work> e : c.work().entrySet()) {
      long bytes = e.getValue().resident() == 0 ? 0 : e.getValue().resident() + java;
      String name = e.getKey().name().toLowerCase(Locale.ROOT);
      phases.add(new RunPlan.Phase(name, bytes, seconds.getOrDefault(e.getKey(), Double.NaN)));
      if (bytes > peak
          || (bytes == peak && highest != null && e.getValue().peak() > highest.peak())) {
        peak = bytes;
        highest = e.getValue();
      }
    }
    double all =
        speed == null ? Double.NaN : reading + seconds.values().stream().mapToDouble(s -> s).sum();
    return new RunPlan(
        job.method().name(),
        c.trainableParameters(),
        c.trainable(),
        c.base(),
        c.scored(),
        some.training().size(),
        c.batches().steps(),
        c.batches().tokens(),
        peak,
        components(highest),
        phases,
        all,
        disk(job, c, all));
  }

  private Map<String, Long> components(Work highest) {
    Map<String, Long> all = new LinkedHashMap<>();
    long tensors = 0;
    for (Part part : Part.values()) {
      long bytes = highest.parts().getOrDefault(part, 0L);
      all.put(part.name().toLowerCase(Locale.ROOT), bytes);
      tensors += bytes;
    }
    all.put("jvm", java);
    all.put("allocator", highest.resident() - tensors);
    return all;
  }

  private Map<Rehearsal.Phase, Double> seconds(TuningJob job, Counted c) {
    Map<Rehearsal.Phase, Double> all = new LinkedHashMap<>();
    if (speed == null) {
      return all;
    }
    Map<Rehearsal.Phase, Work> work = c.work();
    all.put(Rehearsal.Phase.LOADING, rows.base().secondsToLoad(job.computeType(), job.heldAs()));
    all.put(
        Rehearsal.Phase.CALIBRATION,
        c.calibration() * speed.seconds(work.get(Rehearsal.Phase.CALIBRATION)));
    all.put(Rehearsal.Phase.START, speed.seconds(work.get(Rehearsal.Phase.START)));
    all.put(Rehearsal.Phase.TRAINING, training(c));
    double evaluations = 1;
    long every = job.training().evaluateEvery();
    if (every > 0) {
      evaluations = Math.ceil((double) c.batches().steps() / every);
    }
    double evaluated =
        c.evaluated() == 0 ? 0 : (double) MicroBatches.tokens(rows.evaluation()) / c.evaluated();
    all.put(
        Rehearsal.Phase.EVALUATION,
        evaluations * evaluated * speed.seconds(work.get(Rehearsal.Phase.EVALUATION)));
    int more = (c.base() >= LARGE_MODEL ? FEW_SAMPLE_TOKENS : SAMPLE_TOKENS) - 1;
    all.put(
        Rehearsal.Phase.SAMPLES,
        speed.seconds(work.get(Rehearsal.Phase.SAMPLES)) + more * speed.seconds(c.token()));
    long found = work.get(Rehearsal.Phase.LOADING).resident(); // by what reads the weights
    for (Map.Entry<Rehearsal.Phase, Work> e : work.entrySet()) {
      long rise = e.getValue().resident() - found;
      if (rise > 0) {
        found += rise;
        all.merge(e.getKey(), speed.secondsToFind(rise), Double::sum);
      }
    }
    return all;
  }

  /** Micro-batches take a part for each pass and a part for each token. */
  private double training(Counted c) {
    MicroBatches b = c.batches();
    double typical = speed.seconds(c.typical());
    long tokens = MicroBatches.tokens(b.typical());
    long more = MicroBatches.tokens(b.largest()) - tokens;
    double each = typical / tokens;
    if (more > tokens / 20) {
      double slope = (speed.seconds(c.largest()) - typical) / more;
      each = Math.max(0, Math.min(slope, each));
    }
    double pass = typical - each * tokens;
    return b.count() * pass + b.tokens() * each + b.steps() * speed.seconds(c.step());
  }

  /** The adapter or model, checkpoints beside it, and what a run says of itself. */
  private long disk(TuningJob job, Counted c, double seconds) {
    long number = DType.FLOAT32.bytes();
    boolean whole = job.method().trainsBase();
    long result = number * (whole ? c.base() : c.stored());
    long checkpoint = 2 * number * c.trainableParameters() + (whole ? 1 : 2) * result;
    long steps = job.saving().steps();
    long nanoseconds = job.saving().nanoseconds();
    long due = steps > 0 ? (c.batches().steps() - 1) / steps : 0;
    if (nanoseconds > 0) {
      due = Double.isNaN(seconds) ? 1 : (long) (seconds * 1e9 / nanoseconds);
    }
    long kept = Math.min(due, job.saving().keep() + 1L); // the oldest goes once a new one is there
    return result + kept * checkpoint + REPORT_BYTES + LINE_BYTES * c.batches().steps();
  }
}
