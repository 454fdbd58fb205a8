/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.golden;

import java.util.List;
import java.util.Map;
import org.tlora.calibrate.Calibration;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.LinearAlgebra;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.format.Safetensors;
import org.tlora.model.Linear;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.Targets;
import org.tlora.peft.adapter.LoraFactors;
import org.tlora.peft.adapter.PeftAdapter;

/** A method that starts by itself on the golden model, and how far that is from golden tensors. */
final class MethodStarts {
  static final int RANK = 8;

  private MethodStarts() {}

  /** Rank 8, alpha 16. */
  static PeftOptions options(Map<String, String> own) {
    return new PeftOptions(RANK, true, 16, 0, own);
  }

  /** What the method needs, of the calibration rows in batches of four. */
  static Statistics gathered(TinyLlama tiny, PeftMethod method, PeftOptions options) {
    return Calibration.run(
        tiny.model(),
        tiny.model().linears(),
        TinyLlama.calibrationRows(),
        method.needs(options),
        method.components(options),
        4,
        done -> {});
  }

  static List<LayerPlan> plans(
      TinyLlama tiny, PeftMethod method, Statistics statistics, PeftOptions options) {
    Targets targets = new Targets(tiny.model().linears(), tiny.model().parameterCount());
    return method.allocate(targets, statistics, options);
  }

  /** Looks at each layer's start. */
  interface Look {
    void at(Linear layer, PeftAdapter adapter, LoraFactors factors);
  }

  static void start(
      TinyLlama tiny, PeftMethod method, PeftOptions options, Statistics statistics, Look look) {
    List<Linear> linears = tiny.model().linears();
    List<LayerPlan> plans = plans(tiny, method, statistics, options);
    try (Random random = new Random(Device.CPU, 1)) {
      for (int i = 0; i < linears.size(); i++) {
        Linear l = linears.get(i);
        try (Scope scope = new Scope();
            PeftAdapter adapter = method.start(l, plans.get(i), statistics, options, random)) {
          look.at(l, adapter, adapter.factors());
        }
      }
    }
  }

  /** A layer's tensor in HF PEFT's file. */
  static Tensor golden(Safetensors file, Linear l, String which) {
    return file.load("base_model.model." + l.name() + which, DType.FLOAT32);
  }

  /** ‖a − b‖ / ‖b‖. */
  static double off(Tensor a, Tensor b) {
    return a.sub(b).norm() / b.norm();
  }

  /** The matrix that projects onto the span of the rows. */
  static Tensor projector(Tensor rows) {
    Tensor q = LinearAlgebra.qr(rows.to(DType.FLOAT64).t()).q();
    return q.mm(q.t());
  }
}
