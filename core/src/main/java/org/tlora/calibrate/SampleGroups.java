/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.calibrate;

import java.util.ArrayList;
import java.util.List;
import org.tlora.data.Encoded;
import org.tlora.model.Linear;
import org.tlora.model.Model;
import org.tlora.objective.Objective;

/**
 * Which samples go through the model together. Products of some hundred tokens are slower for each
 * of them than those of a thousand; statistics stay those of each sample by itself.
 */
final class SampleGroups {
  /** The inputs of layers and one layer whole are about that part of what all keep. */
  private static final int RECOMPUTED = 8;

  /** More at a time are not faster, but later to stop. */
  private static final long ENOUGH_TOKENS = 1024;

  /**
   * A sample's place in a pass.
   *
   * @param number from 1
   * @param offset its first token in the pass
   * @param length its tokens
   * @param scale what gradients of the pass are to be multiplied by to be those of its own mean
   *     loss
   * @param share of its mean gradient in that of all samples
   */
  record Place(int number, int offset, int length, double scale, double share) {}

  /**
   * One pass.
   *
   * @param divisor of its loss
   */
  record Group(List<Encoded> rows, List<Place> places, double divisor) {}

  private final List<? extends Encoded> rows;
  private final Calibration.Plan plan;
  private final long mostTokens;

  SampleGroups(Model model, List<? extends Encoded> rows, Calibration.Plan plan) {
    this.rows = rows;
    this.plan = plan;
    boolean together = model.keepsRowsApart() && plan.objective().runsRowsOnce();
    long fit = plan.activationBytes() / bytesPerToken(model, plan.recompute());
    mostTokens = together ? Math.min(fit, ENOUGH_TOKENS) : 0;
  }

  /**
   * Of what goes into linear layers and comes out, of which a pass keeps the most part; where
   * layers are run again, a part as {@code RECOMPUTED} says.
   */
  private static long bytesPerToken(Model model, boolean recompute) {
    long width = 1;
    for (Linear l : model.linears()) {
      width += l.inFeatures() + l.outFeatures();
    }
    return width * model.computeType().bytes() / (recompute ? RECOMPUTED : 1);
  }

  /**
   * The pass that begins with a sample: it and those behind it that fit, before {@code end}. A
   * sample that does not fit runs by itself.
   */
  Group from(int first, int end) {
    long tokens = rows.get(first).ids().length;
    int last = first + 1;
    while (last < end && tokens + rows.get(last).ids().length <= mostTokens) {
      tokens += rows.get(last++).ids().length;
    }
    return group(first, List.copyOf(rows.subList(first, last)));
  }

  private Group group(int first, List<Encoded> some) {
    Objective objective = plan.objective();
    double divisor = some.stream().mapToDouble(objective::weight).average().orElseThrow();
    List<Place> places = new ArrayList<>();
    int offset = 0;
    for (int i = 0; i < some.size(); i++) {
      int length = some.get(i).ids().length;
      double scale = divisor / objective.weight(some.get(i));
      places.add(new Place(first + i + 1, offset, length, scale, share(first + i)));
      offset += length;
    }
    return new Group(some, places, divisor);
  }

  /**
   * The share of a sample's own mean gradient in the mean over batches of their means over tokens:
   * its weight by that of its batch, by the number of batches.
   */
  private double share(int i) {
    int batchSize = plan.gradientBatchSize();
    int from = i / batchSize * batchSize;
    int to = Math.min(rows.size(), from + batchSize);
    double weight = rows.subList(from, to).stream().mapToDouble(plan.objective()::weight).sum();
    int batches = (rows.size() + batchSize - 1) / batchSize;
    return plan.objective().weight(rows.get(i)) / weight / batches;
  }
}
