/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.util.List;
import java.util.Locale;
import org.tlora.data.Encoded;
import org.tlora.engine.DType;
import org.tlora.fault.RunFault;
import org.tlora.model.Linear;
import org.tlora.model.Model;
import org.tlora.run.Bytes;

/**
 * Bytes of native memory that a run takes, by what takes them. All but the activations are exact.
 *
 * @param weights the model's
 * @param adapters what trains beside them
 * @param gradients of everything that trains
 * @param optimizer two moments of it
 * @param activations of a micro-batch on the way to the loss and back, about
 * @param rows of a micro-batch
 * @param tokens of its longest row
 */
record MemoryPlan(
    long weights,
    long adapters,
    long gradients,
    long optimizer,
    long activations,
    int rows,
    int tokens) {
  /** Temporaries of the way back and of the loss, as measured on SmolLM2 beside what is kept. */
  private static final double BESIDE_WHAT_IS_KEPT = 1.4;

  static MemoryPlan of(TuningJob job, TuningInputs inputs, FineTuning tuning) {
    Model model = inputs.model();
    long weights = model.weightBytes();
    long trained = DType.FLOAT32.bytes() * tuning.trainableParameters();
    int rows = Math.min(job.training().microBatchSize(), inputs.training().size());
    int tokens = 0;
    for (Encoded row : inputs.training()) {
      tokens = Math.max(tokens, row.ids().length);
    }
    return new MemoryPlan(
        weights,
        job.method().trainsBase() ? 0 : trained,
        trained,
        2 * trained,
        (long) (BESIDE_WHAT_IS_KEPT * rows * tokens * perToken(model, job.training().recompute())),
        rows,
        tokens);
  }

  /** What layers keep of a token: the inputs and outputs of their products. */
  private static double perToken(Model model, boolean recompute) {
    List<Linear> linears = model.linears();
    double all = linears.stream().mapToLong(l -> l.inFeatures() + l.outFeatures()).sum();
    // recomputed: the inputs of layers and one layer whole, a third as measured on SmolLM2
    double kept = recompute ? all / 3 : all;
    return model.computeType().bytes() * kept;
  }

  /** Says that memory did not suffice, for what, and what to lower. */
  RunFault exhausted(RuntimeException cause, boolean calibrating, boolean recompute) {
    String what =
        String.format(
            Locale.ROOT,
            "out of native memory%s: weights %s, adapters %s, gradients %s, optimizer %s,"
                + " activations of %d rows of up to %d tokens about %s; ",
            calibrating ? " while initialising" : "",
            Bytes.text(weights),
            Bytes.text(adapters),
            Bytes.text(gradients),
            Bytes.text(optimizer),
            rows,
            tokens,
            Bytes.text(activations));
    String lower =
        calibrating
            ? "lower `calibrationMemory` or `cutoffLength`"
            : "lower `microBatchSize` or `cutoffLength`"
                + (recompute ? "" : ", or add `gradientCheckpointing`");
    return new RunFault(what + lower, cause);
  }
}
