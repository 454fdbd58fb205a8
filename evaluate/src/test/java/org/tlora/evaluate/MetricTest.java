/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.tlora.evaluate.task.Metric;

/** The metrics of labels; expected values by numpy, from the definitions. */
class MetricTest {
  private static final double[] TRUTH = {0, 1, 1, 0, 1, 1, 0, 1};
  private static final double[] SAID = {0, 1, 0, 0, 1, 1, 1, 1};
  private static final double[] SCORES = {1.0, 2.5, 2.5, 4.0, 5.0, 0.5};
  private static final double[] GUESSES = {0.8, 2.0, 3.0, 3.0, 4.9, 0.1};

  @Test
  void equalTheirDefinitions() {
    assertEquals(0.75, Metric.ACCURACY.of(TRUTH, SAID), 1e-12);
    assertEquals(0.8, Metric.F1.of(TRUTH, SAID), 1e-12);
    assertEquals(0.4666666666666667, Metric.MATTHEWS_CORRELATION.of(TRUTH, SAID), 1e-12);
    assertEquals(0.9585663980002904, Metric.PEARSON.of(SCORES, GUESSES), 1e-12);
    assertEquals(0.9558823529411764, Metric.SPEARMAN.of(SCORES, GUESSES), 1e-12);
  }

  @Test
  void whatIsNotDefinedIsZero() {
    double[] same = {1, 1, 1};
    double[] zeros = {0, 0, 0};
    assertEquals(0, Metric.F1.of(same, zeros));
    assertEquals(0, Metric.MATTHEWS_CORRELATION.of(new double[] {0, 1, 1}, same));
    assertEquals(0, Metric.PEARSON.of(new double[] {0.5, 1, 2}, zeros));
    assertEquals(0, Metric.SPEARMAN.of(zeros, new double[] {0.5, 1, 2}));
  }

  /** MCC by its definition over the table of confusions. */
  @Property(tries = 100)
  void matthewsIsPearsonsOfTwoClasses(@ForAll @Size(20) List<@IntRange(max = 3) Integer> cells) {
    double[] truth = new double[cells.size()];
    double[] said = new double[cells.size()];
    double[] n = new double[4];
    for (int i = 0; i < cells.size(); i++) {
      truth[i] = cells.get(i) >> 1;
      said[i] = cells.get(i) % 2;
      n[cells.get(i)]++;
    }
    double under = (n[3] + n[1]) * (n[3] + n[2]) * (n[0] + n[1]) * (n[0] + n[2]);
    double mcc = under == 0 ? 0 : (n[3] * n[0] - n[1] * n[2]) / Math.sqrt(under);
    assertEquals(mcc, Metric.MATTHEWS_CORRELATION.of(truth, said), 1e-9);
  }

  @Test
  void theBootstrapIsNearTheFormula() {
    double[] truth = new double[200];
    double[] said = new double[200];
    for (int i = 0; i < truth.length; i++) {
      truth[i] = i % 2;
      said[i] = i % 5 == 0 ? 1 - truth[i] : truth[i];
    }
    double f1 = Metric.F1.standardError(truth, said);
    assertTrue(f1 > 0.02 && f1 < 0.045, "0.8 of 200: about 0.03, not " + f1);
    assertEquals(f1, Metric.F1.standardError(truth, said), "the same samples each time");
    assertEquals(0.02835, Metric.ACCURACY.standardError(truth, said), 1e-5);
  }
}
