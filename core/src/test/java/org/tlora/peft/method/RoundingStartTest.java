/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.data.Encoded;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.LinearAlgebra;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.UsageFault;
import org.tlora.model.Adaptation;
import org.tlora.model.CausalLm;
import org.tlora.model.Linear;
import org.tlora.objective.CrossEntropy;
import org.tlora.peft.PeftOptions;
import org.tlora.pretrained.BaseWeights;
import org.tlora.quantise.Rounding;
import org.tlora.quickstart.TinyModels;
import org.tlora.train.HeldOutLoss;
import org.tlora.tune.FineTuning;
import org.tlora.tune.Tunings;

/** LoftQ and CLoQ start with the best factors that there are, each by its own measure. */
class RoundingStartTest {
  @TempDir Path directory;

  /** ‖(E − s·B A) M‖. */
  private static double left(
      Tensor error, RoundingStart.Factors f, double scaling, Tensor measure) {
    Tensor e = error.to(DType.FLOAT64);
    Tensor product = f.b().to(DType.FLOAT64).mm(f.a().to(DType.FLOAT64)).mulInPlace(scaling);
    Tensor off = e.sub(product);
    return (measure == null ? off : off.mm(measure)).norm();
  }

  /** What no product of that rank can take away. */
  private static double least(Tensor m, int rank) {
    long all = Math.min(m.size(0), m.size(1));
    double[] sigma = LinearAlgebra.leadingTriplets(m, all).sigma().toDoubles();
    double sum = 0;
    for (int i = rank; i < sigma.length; i++) {
      sum += sigma[i] * sigma[i];
    }
    return Math.sqrt(sum);
  }

  @Property(tries = 40)
  void factorsLeaveTheLeastThatAnyOfTheirRankCan(
      @ForAll @IntRange(min = 3, max = 30) int out,
      @ForAll @IntRange(min = 3, max = 30) int in,
      @ForAll @IntRange(min = 1, max = 3) int rank,
      @ForAll @DoubleRange(min = 0.1, max = 4) double scaling,
      @ForAll long seed) {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed)) {
      Tensor error = random.normal(0, 0.1, out, in).to(DType.FLOAT64);
      Tensor x = random.normal(0, 1, 2L * in, in);
      Tensor gram = x.t().mm(x);
      RoundingStart.Factors loftq = LoftQ.factors(error, rank, scaling);
      assertEquals(least(error, rank), left(error, loftq, scaling, null), 1e-6);

      Tensor damped = gram.to(DType.FLOAT64).copy();
      damped.diagonal().addInPlace(0.01 * damped.diagonal().mean().item());
      Tensor root = LinearAlgebra.roots(damped).root();
      assertTrue(root.mm(root).sub(damped).norm() < 1e-5 * damped.norm(), "a root");
      RoundingStart.Factors cloq = Cloq.factors(error, gram, rank, scaling);
      double ofCloq = left(error, cloq, scaling, root);
      assertEquals(least(error.mm(root), rank), ofCloq, 1e-6 * (1 + ofCloq));
      assertTrue(ofCloq <= left(error, loftq, scaling, root) * (1 + 1e-9) + 1e-9);
      RoundingStart.Factors ofMore = Cloq.factors(error, gram.mul(1000), rank, scaling);
      double size = cloq.a().norm();
      assertEquals(size, ofMore.a().norm(), 1e-4 * size, "however many samples there are");
    }
  }

  private static FineTuning started(CausalLm model, List<Encoded> rows, String start) {
    PeftOptions options = new PeftOptions(8, true, 16, 0, Map.of("lora-start", start));
    return Tunings.start(model, PeftMethods.named("lora"), options, rows.subList(0, 8), 5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"loftq", "cloq"})
  void theModelBeginsNearerToWhatItWasBeforeRounding(String start) {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32);
        CausalLm rounded =
            tiny.files().load(DType.FLOAT32, Device.CPU, new BaseWeights(false, Rounding.NF4));
        FineTuning zero = started(rounded, tiny.rows(32), "zero");
        FineTuning made = started(rounded, tiny.rows(32), start)) {
      double before = 0;
      double after = 0;
      for (int i = 0; i < rounded.linears().size(); i++) {
        try (Scope scope = new Scope()) {
          Linear l = rounded.linears().get(i);
          Tensor w = tiny.model().linears().get(i).denseWeight();
          assertEquals(0, w.sub(l.unrounded()).norm(), "read anew");
          before += zero.adapters().on(l).merged(l.denseWeight().copy()).sub(w).sumOfSquares();
          after += made.adapters().on(l).merged(l.denseWeight().copy()).sub(w).sumOfSquares();
        }
      }
      assertTrue(after < 0.95 * before, before + " -> " + after);
      double exact = loss(tiny.model(), Adaptation.NONE, tiny);
      double plain = Math.abs(loss(rounded, Adaptation.of(zero.adapters()), tiny) - exact);
      double better = Math.abs(loss(rounded, Adaptation.of(made.adapters()), tiny) - exact);
      assertTrue(better < plain, plain + " -> " + better);
    }
  }

  private static double loss(CausalLm model, Adaptation adapters, TinyModels tiny) {
    return HeldOutLoss.of(model, adapters, new CrossEntropy(), tiny.rows(32), 8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"loftq", "cloq"})
  void aBaseThatIsNotRoundedHasNothingToMakeUpFor(String start) {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      String fault =
          assertThrows(UsageFault.class, () -> started(tiny.model(), tiny.rows(32), start).close())
              .getMessage();
      assertTrue(fault.contains("needs a base that is rounded on loading: add `quantize`"), fault);
    }
  }
}
