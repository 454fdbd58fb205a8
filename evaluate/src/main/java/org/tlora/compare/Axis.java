/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import org.tlora.fault.Nearest;
import org.tlora.fault.UsageFault;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.tune.TuningJob;

/** What a search may vary. */
public enum Axis {
  /** The highest learning rate of the schedule. */
  LEARNING_RATE {
    @Override
    List<Double> usual(TuningJob job) {
      return List.of(1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2);
    }

    @Override
    TuningJob on(TuningJob job, double value) {
      return job.with(job.peft(), job.training().withRate(value), job.calibration(), job.base());
    }
  },
  /** The numerator of the scaling. */
  ALPHA {
    @Override
    List<Double> usual(TuningJob job) {
      return around(job.peft().alphaOrRank(), 0.5, 1, 2, 4);
    }

    @Override
    TuningJob on(TuningJob job, double value) {
      PeftOptions p = job.peft();
      return with(job, new PeftOptions(p.rank(), p.rankGiven(), value, p.dropout(), p.own()));
    }
  },
  /** The rank, on average. */
  RANK {
    @Override
    List<Double> usual(TuningJob job) {
      return around(job.peft().rank(), 0.5, 1, 2).stream()
          .map(Math::rint)
          .filter(r -> r >= 1)
          .distinct()
          .toList();
    }

    @Override
    TuningJob on(TuningJob job, double value) {
      PeftOptions p = job.peft();
      return with(job, new PeftOptions((int) value, true, p.alpha(), p.dropout(), p.own()));
    }

    @Override
    void check(double value) {
      if (value != Math.rint(value) || value > Integer.MAX_VALUE) {
        throw new UsageFault("`grid`: a rank is a whole number, not " + value);
      }
    }
  };

  /** As on the command line. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The axis of that name.
   *
   * @throws UsageFault if there is none
   */
  public static Axis named(String name) {
    List<String> known = Arrays.stream(values()).map(Axis::label).toList();
    return Arrays.stream(values())
        .filter(a -> a.label().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageFault(
                    "`tune` knows "
                        + String.join(", ", known)
                        + ", not "
                        + name
                        + Nearest.question(name, known)));
  }

  /** The values that are tried where nobody says which. */
  abstract List<Double> usual(TuningJob job);

  /** The same job with this value. */
  abstract TuningJob on(TuningJob job, double value);

  /**
   * Checks a value that somebody wants tried.
   *
   * @throws UsageFault if it is none
   */
  void check(double value) {}

  /** Whether a method has it. */
  boolean isOf(PeftMethod method) {
    return this == LEARNING_RATE || !method.trainsBase();
  }

  private static TuningJob with(TuningJob job, PeftOptions peft) {
    return job.with(peft, job.training(), job.calibration(), job.base());
  }

  private static List<Double> around(double middle, double... factors) {
    return DoubleStream.of(factors).map(f -> f * middle).boxed().toList();
  }
}
