/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import java.util.List;
import java.util.Set;
import org.tlora.calibrate.Statistic;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.UsageFault;
import org.tlora.model.Linear;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.MethodOption;

/** Starts of LoRA that make up for what rounding took from the base. */
final class RoundingStart {
  /** Where the factors begin. */
  static final MethodOption<String> START =
      MethodOption.choice(
          "lora-start",
          List.of("zero", "loftq", "cloq"),
          "zero: B is 0. loftq, cloq: on a base that is rounded (--quantize), the factors that make up"
              + " best for it, by the weights or by their outputs on calibration samples.");

  private static final String CLOQ = "cloq";

  private RoundingStart() {}

  /**
   * Factors of a product.
   *
   * @param a [rank, in]
   * @param b [out, rank]
   */
  record Factors(Tensor a, Tensor b) {}

  /** What a start asks to know. */
  static Set<Statistic> needs(String start) {
    return start.equals(CLOQ) ? Set.of(Statistic.GRAM) : Set.of();
  }

  /**
   * The factors that a layer begins with, float32, owned by the caller's scope.
   *
   * @param start loftq or cloq
   * @throws UsageFault if the layer was not rounded
   */
  static Factors of(String start, Linear layer, LayerPlan plan, Statistics statistics) {
    try (Scope scope = new Scope()) {
      Tensor whole = layer.unrounded();
      if (whole == null) {
        throw new UsageFault(
            "`lora-start` "
                + start
                + " needs a base that is rounded on loading: add `quantize` ("
                + layer.name()
                + " is not)");
      }
      Tensor error = whole.subInPlace(layer.denseWeight().to(DType.FLOAT32)); // W − Q
      Factors found =
          start.equals(CLOQ)
              ? Cloq.factors(error, statistics.gram(layer), plan.rank(), plan.scaling())
              : LoftQ.factors(error, plan.rank(), plan.scaling());
      return new Factors(
          scope.keep(found.a().to(DType.FLOAT32).contiguous().copy()),
          scope.keep(found.b().to(DType.FLOAT32).contiguous().copy()));
    }
  }
}
