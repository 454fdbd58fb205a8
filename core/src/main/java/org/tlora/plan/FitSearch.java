/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.tlora.calibrate.Statistic;
import org.tlora.data.Encoded;
import org.tlora.data.LabelledTokens;
import org.tlora.data.LearnedTokens;
import org.tlora.fault.Fault;
import org.tlora.peft.PeftOptions;
import org.tlora.pretrained.BaseWeights;
import org.tlora.quantise.Rounding;
import org.tlora.run.Fitting;
import org.tlora.run.RunPlan;
import org.tlora.tune.TuningJob;
import org.tlora.tune.TuningRows;

/**
 * Looks for the settings of least harm whose plan fits. What costs only time comes first: fewer
 * rows at once, layers that are run again, statistics in groups; then what may cost quality: a base
 * that is rounded, a lower rank, shorter rows. Each step is kept until something fits; then those
 * that came before are taken back as far as it still does.
 */
final class FitSearch {
  private static final long LEAST_STATISTICS = 16L << 20;
  private static final int LEAST_CUTOFF = 32;

  /** Settings, in the order of their harm. */
  private record Settings(
      int micro, boolean recompute, long calibration, Rounding rounding, int rank, int cutoff) {
    Settings withMicro(int other) {
      return new Settings(other, recompute, calibration, rounding, rank, cutoff);
    }

    Settings withRecompute(boolean other) {
      return new Settings(micro, other, calibration, rounding, rank, cutoff);
    }

    Settings withCalibration(long other) {
      return new Settings(micro, recompute, other, rounding, rank, cutoff);
    }

    Settings withRounding(Rounding other) {
      return new Settings(micro, recompute, calibration, other, rank, cutoff);
    }

    Settings withRank(int other) {
      return new Settings(micro, recompute, calibration, rounding, other, cutoff);
    }

    Settings withCutoff(int other) {
      return new Settings(micro, recompute, calibration, rounding, rank, other);
    }
  }

  private final Planner planner;
  private final TuningJob job;
  private final TuningRows rows;
  private final long bytes;
  private final Settings asked;
  private final Map<Settings, RunPlan> plans = new LinkedHashMap<>();

  FitSearch(Planner planner, TuningJob job, TuningRows rows, long bytes) {
    this.planner = planner;
    this.job = job;
    this.rows = rows;
    this.bytes = bytes;
    asked =
        new Settings(
            Math.min(job.training().microBatchSize(), rows.training().size()),
            job.training().recompute(),
            job.calibration().memory(),
            job.base().rounding(),
            job.peft().rank(),
            job.cutoffLength());
  }

  Fitting find() {
    RunPlan first = plan(asked);
    Settings now = asked;
    if (first.peakBytes() <= bytes) {
      return new Fitting(bytes, first, Map.of(), first);
    }
    for (UnaryOperator<Settings> step : steps()) {
      for (Settings next = step.apply(now); !next.equals(now); next = step.apply(now)) {
        if (plan(next) == null) {
          break; // it does not go with the rest
        }
        now = next;
        if (fits(now)) {
          Settings relaxed = relaxed(now);
          return new Fitting(bytes, first, options(relaxed), plan(relaxed));
        }
      }
    }
    Settings least = asked;
    for (Map.Entry<Settings, RunPlan> e : plans.entrySet()) {
      if (e.getValue() != null && e.getValue().peakBytes() < plan(least).peakBytes()) {
        least = e.getKey();
      }
    }
    return new Fitting(bytes, first, options(least), plan(least));
  }

  /** Each brings settings on by one; the same again: it is through. */
  private List<UnaryOperator<Settings>> steps() {
    List<UnaryOperator<Settings>> all = new ArrayList<>();
    all.add(s -> s.withMicro(Math.max(1, s.micro() / 2)));
    all.add(s -> s.withRecompute(true));
    if (hasStatistics()) {
      all.add(s -> s.withCalibration(lessStatistics(s.calibration())));
    }
    if (!job.method().trainsBase() && asked.rounding() == null && !rows.base().holdsCodes()) {
      all.add(s -> s.withRounding(Rounding.NF4));
    }
    if (!job.method().trainsBase()) {
      all.add(s -> s.withRank(Math.max(1, s.rank() / 2)));
    }
    all.add(s -> s.withCutoff(shorter(s.cutoff())));
    return all;
  }

  private boolean hasStatistics() {
    return job.initAdapter() == null
        && job.calibration().cache() == null
        && job.method().needs(job.peft()).stream().anyMatch(n -> n != Statistic.SENSITIVITY);
  }

  private static long lessStatistics(long now) {
    long next = now == 0 ? 4L << 30 : now / 2;
    return next < LEAST_STATISTICS ? now : next;
  }

  /** Below the longest row first, since anything above it changes nothing. */
  private int shorter(int now) {
    int longest = 0;
    for (Encoded row : rows.training()) {
      longest = Math.max(longest, row.ids().length);
    }
    int next = Math.min(now, longest) * 3 / 4;
    return next < LEAST_CUTOFF ? now : next;
  }

  private boolean fits(Settings s) {
    RunPlan plan = plan(s);
    return plan != null && plan.peakBytes() <= bytes;
  }

  /** As it was asked for, as far as it fits: what harms most is taken back first. */
  private Settings relaxed(Settings found) {
    Settings now = found;
    now = firstThatFits(now, now.withRank(asked.rank()));
    now = firstThatFits(now, now.withRounding(asked.rounding()));
    now = firstThatFits(now, now.withCalibration(asked.calibration()));
    now = firstThatFits(now, now.withRecompute(asked.recompute()));
    while (now.micro() < asked.micro()) {
      Settings more = now.withMicro(Math.min(asked.micro(), 2 * now.micro()));
      if (!fits(more)) {
        break;
      }
      now = more;
    }
    return now;
  }

  private Settings firstThatFits(Settings now, Settings wanted) {
    return !wanted.equals(now) && fits(wanted) ? wanted : now;
  }

  /** Null where they do not go together. */
  private RunPlan plan(Settings s) {
    if (!plans.containsKey(s)) {
      plans.put(s, planned(s));
    }
    return plans.get(s);
  }

  private RunPlan planned(Settings s) {
    if (s.equals(asked)) {
      return planner.plan(job); // whatever is wrong with it is told
    }
    try {
      TuningRows some = s.cutoff() == asked.cutoff() ? rows : shortened(s.cutoff());
      return some.training().isEmpty() ? null : planner.plan(job(s), some);
    } catch (Fault e) {
      return null;
    }
  }

  private TuningJob job(Settings s) {
    PeftOptions p = job.peft();
    return job.with(
        s.rank() == asked.rank()
            ? p
            : new PeftOptions(s.rank(), true, p.alpha(), p.dropout(), p.own()),
        job.training().with(s.micro(), s.recompute()),
        job.calibration().withMemory(s.calibration()),
        s.rounding() == job.base().rounding() ? job.base() : new BaseWeights(false, s.rounding()));
  }

  private TuningRows shortened(int cutoff) {
    return rows.with(shortened(rows.training(), cutoff), shortened(rows.evaluation(), cutoff));
  }

  /** What has nothing to learn then is left out, as it is where rows are encoded. */
  private static List<Encoded> shortened(List<Encoded> all, int cutoff) {
    return all.stream()
        .map(row -> shortened(row, cutoff))
        .filter(row -> row.supervisedTokens() > 0)
        .toList();
  }

  /** What is longer is cut at its end; a row of another kind stays as it is. */
  private static Encoded shortened(Encoded row, int cutoff) {
    if (row.ids().length <= cutoff) {
      return row;
    }
    int[] ids = java.util.Arrays.copyOf(row.ids(), cutoff);
    if (row instanceof LearnedTokens t) {
      return new LearnedTokens(ids, java.util.Arrays.copyOf(t.labels(), cutoff));
    }
    if (row instanceof LabelledTokens t) {
      return new LabelledTokens(ids, Math.min(cutoff, t.secondFrom()), t.label());
    }
    return row;
  }

  private Map<String, String> options(Settings s) {
    Map<String, String> all = new LinkedHashMap<>();
    if (s.micro() != asked.micro()) {
      all.put("micro-batch-size", "" + s.micro());
    }
    if (s.recompute() != asked.recompute()) {
      all.put("gradient-checkpointing", "true");
    }
    if (s.calibration() != asked.calibration()) {
      all.put("calibration-memory", (s.calibration() >> 20) + "M");
    }
    if (s.rounding() != asked.rounding()) {
      all.put("quantize", s.rounding().label());
    }
    if (s.rank() != asked.rank()) {
      all.put("rank", "" + s.rank());
    }
    if (s.cutoff() != asked.cutoff()) {
      all.put("cutoff-length", "" + s.cutoff());
    }
    return all;
  }
}
