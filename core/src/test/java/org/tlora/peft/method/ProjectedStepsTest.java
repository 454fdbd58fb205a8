/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.autograd.Parameter;
import org.tlora.data.Encoded;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.LinearAlgebra;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.CausalLm;
import org.tlora.model.Linear;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.adapter.LowRankAdapter;
import org.tlora.quickstart.TinyModels;
import org.tlora.train.TrainingRule;
import org.tlora.tune.FineTuning;
import org.tlora.tune.Tunings;

/** LoRA-FA: with A frozen, a step of B moves the weight as its own gradient would. */
class ProjectedStepsTest {
  @TempDir Path directory;

  /** With G the weight's gradient, B's is s·G Aᵀ; what comes out makes s·B A = G P_A. */
  @Property(tries = 60)
  void aStepIsTheGradientOfTheWeightOnTheRowsOfA(
      @ForAll @IntRange(min = 2, max = 24) int out,
      @ForAll @IntRange(min = 6, max = 24) int in,
      @ForAll @IntRange(min = 1, max = 5) int rank,
      @ForAll @DoubleRange(min = 0.1, max = 4) double s,
      @ForAll long seed) {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed)) {
      Tensor a = random.normal(0, 1, rank, in);
      Tensor zero = Tensor.zeros(Device.CPU, DType.FLOAT32, out, rank);
      try (LowRankAdapter adapter = new LowRankAdapter("layer", a.copy(), zero, s, 0, false);
          TrainingRule rule = new ProjectedSteps(List.of(adapter))) {
        Tensor g = random.normal(0, 1, out, in);
        Parameter b = adapter.parameters().get(0);
        b.accumulate(g.mm(a.t()).mul(s));
        rule.beforeStep();
        Tensor q = LinearAlgebra.qr(a.to(DType.FLOAT64).t()).q();
        Tensor want = g.to(DType.FLOAT64).mm(q).mm(q.t());
        Tensor moved = b.gradient().mm(a).mul(s).to(DType.FLOAT64);
        assertEquals(0, moved.sub(want).norm(), 2e-3 * want.norm());
      }
    }
  }

  private static PeftOptions options(boolean frozen) {
    return new PeftOptions(4, true, 8, 0, Map.of("lora-fa", "" + frozen));
  }

  @Test
  void onlyBTrainsAndByWhatWasProjected() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      CausalLm model = tiny.model();
      List<Encoded> rows = tiny.rows(8);
      try (FineTuning both = Tunings.start(model, new Lora(), options(false), rows, 1);
          FineTuning frozen = Tunings.start(model, new Lora(), options(true), rows, 1);
          TrainingRule plain = both.rule(10);
          TrainingRule rule = frozen.rule(10);
          Scope scope = new Scope()) {
        assertTrue(frozen.trainableParameters() < both.trainableParameters());
        assertFalse(plain.needsGradients());
        assertTrue(rule.needsGradients(), "processes must not share gradients out");
        Linear first = model.linears().get(0);
        LowRankAdapter adapter = (LowRankAdapter) frozen.adapters().on(first);
        float[] same = ((LowRankAdapter) both.adapters().on(first)).factors().a().toFloats();
        assertArrayEquals(same, adapter.factors().a().toFloats(), "LoRA's A");
        Tensor g = Tensor.zeros(Device.CPU, DType.FLOAT32, first.outFeatures(), 4).addInPlace(1);
        adapter.parameters().get(0).accumulate(g.copy());
        rule.beforeStep();
        assertTrue(adapter.parameters().get(0).gradient().sub(g).norm() > 0.1);
        assertArrayEquals(same, adapter.factors().a().toFloats(), "A stays");
      }
    }
  }
}
