/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.plan;

import org.tlora.data.Encoded;
import org.tlora.engine.DType;
import org.tlora.model.Linear;
import org.tlora.model.Model;
import org.tlora.tune.TuningInputs;
import org.tlora.tune.TuningJob;
import org.tlora.tune.TuningRows;

/**
 * More than a run can need, without a rehearsal: to see at once that there is plenty of memory for
 * it. A micro-batch is taken to have longest rows alone, and a layer to keep three times its inputs
 * and outputs.
 */
final class RoughPlan {
  private static final long KEPT = 3;

  /** Logits, samples for the report, and what else is there for a moment. */
  private static final long BESIDE = 512L << 20;

  private RoughPlan() {}

  static long bytes(TuningJob job, TuningRows rows) {
    long longest = 1;
    for (Encoded row : rows.training()) {
      longest = Math.max(longest, row.ids().length);
    }
    long atOnce = Math.min(job.training().microBatchSize(), rows.training().size());
    long tokens = Math.max(longest * atOnce, 2 * longest);
    try (TuningInputs inputs = new TuningInputs(job, rows)) {
      Model model = inputs.model();
      long numbers = 0;
      long width = 0;
      long squares = 0;
      for (Linear l : model.linears()) {
        numbers += l.inFeatures() * l.outFeatures();
        width += l.inFeatures() + l.outFeatures();
        squares += l.inFeatures() * l.inFeatures();
      }
      long number = DType.FLOAT32.bytes();
      long trained =
          job.method().trainsBase() ? model.parameterCount() : 2L * job.peft().rank() * width;
      boolean calibrates = !job.method().needs(job.peft()).isEmpty();
      long statistics = calibrates ? number * (squares + numbers) : 0;
      long activations = KEPT * number * width * tokens;
      long all = model.weightBytes() + 4 * number * trained + statistics + activations + BESIDE;
      return all + all / 4 + JavaMemory.bytes();
    }
  }
}
