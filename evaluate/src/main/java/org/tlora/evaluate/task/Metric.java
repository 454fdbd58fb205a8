/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate.task;

import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import org.hipparchus.stat.correlation.PearsonsCorrelation;
import org.hipparchus.stat.correlation.SpearmansCorrelation;
import org.hipparchus.stat.descriptive.moment.StandardDeviation;

/** A figure over all rows of a task, of what was to be said and what was said. */
public enum Metric {
  /** The share of rows that are right. */
  ACCURACY {
    @Override
    public double of(double[] truth, double[] said) {
      return (double) count(truth, i -> truth[i] == said[i]) / truth.length;
    }

    @Override
    public double standardError(double[] truth, double[] said) {
      double p = of(truth, said);
      return truth.length < 2 ? 0 : Math.sqrt(p * (1 - p) / (truth.length - 1));
    }
  },
  /** The harmonic mean of precision and recall of class 1; 0 where it is never right. */
  F1 {
    @Override
    public double of(double[] truth, double[] said) {
      int hits = count(truth, i -> truth[i] == 1 && said[i] == 1);
      int positives = count(truth, i -> truth[i] == 1) + count(truth, i -> said[i] == 1);
      return hits == 0 ? 0 : 2.0 * hits / positives;
    }
  },
  /**
   * Matthews' correlation coefficient of two classes, which is Pearson's; 0 where all truths or all
   * answers are alike.
   */
  MATTHEWS_CORRELATION {
    @Override
    public double of(double[] truth, double[] said) {
      return defined(new PearsonsCorrelation().correlation(truth, said));
    }
  },
  /** Pearson's correlation coefficient; 0 where it is not defined. */
  PEARSON {
    @Override
    public double of(double[] truth, double[] said) {
      return defined(new PearsonsCorrelation().correlation(truth, said));
    }
  },
  /** Spearman's: Pearson's of the ranks, equal values having their mean rank. */
  SPEARMAN {
    @Override
    public double of(double[] truth, double[] said) {
      return defined(new SpearmansCorrelation().correlation(truth, said));
    }
  };

  private static final int RESAMPLES = 1000;

  /** Its name in results. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The figure.
   *
   * @param truth class numbers or values, of at least two rows
   * @param said the same, by the model
   */
  public abstract double of(double[] truth, double[] said);

  /**
   * The standard error of the figure: the standard deviation over a thousand samples of the rows
   * with replacement, always the same ones.
   */
  public double standardError(double[] truth, double[] said) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
    double[] values = new double[RESAMPLES];
    int n = truth.length;
    for (int r = 0; r < RESAMPLES; r++) {
      double[] t = new double[n];
      double[] s = new double[n];
      for (int i = 0; i < n; i++) {
        int at = random.nextInt(n);
        t[i] = truth[at];
        s[i] = said[at];
      }
      values[r] = of(t, s);
    }
    return new StandardDeviation().evaluate(values);
  }

  private static double defined(double value) {
    return Double.isNaN(value) ? 0 : value;
  }

  private static int count(double[] rows, IntPredicate wanted) {
    return (int) IntStream.range(0, rows.length).filter(wanted).count();
  }
}
