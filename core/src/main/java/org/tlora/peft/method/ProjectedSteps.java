/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import java.util.ArrayList;
import java.util.List;
import org.tlora.autograd.Parameter;
import org.tlora.engine.DType;
import org.tlora.engine.LinearAlgebra;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.peft.adapter.LoraFactors;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.train.TrainingRule;

/**
 * Turns the gradient of B into the step of B by which s·B A moves like the weight itself would, as
 * far as a frozen A allows: G_B (A Aᵀ + δI)⁻¹ / s² (the projection of LoRA-FA's optimizer in HF
 * PEFT). The optimizer's moments are of what comes out.
 */
final class ProjectedSteps implements TrainingRule {
  private static final double DAMPING = 1e-8;

  /** A layer's B, and (A Aᵀ + δI)⁻¹ / s², [rank, rank] float32. */
  private record Layer(Parameter b, Tensor inverse) {}

  private final List<Layer> layers = new ArrayList<>();

  /**
   * For adapters of which B alone trains.
   *
   * @param adapters which stay as they are but for B
   */
  ProjectedSteps(List<? extends PeftAdapter> adapters) {
    for (PeftAdapter adapter : adapters) {
      try (Scope scope = new Scope()) {
        LoraFactors f = adapter.factors();
        Tensor a = f.a().to(DType.FLOAT64);
        Tensor products = a.mm(a.t());
        products.diagonal().addInPlace(DAMPING);
        Tensor inverse = LinearAlgebra.inverse(products).mul(1 / (f.scaling() * f.scaling()));
        layers.add(
            new Layer(
                adapter.parameters().get(0), inverse.to(DType.FLOAT32).copy().detachFromScope()));
      }
    }
  }

  @Override
  public void beforeStep() {
    for (Layer layer : layers) {
      Tensor g = layer.b().gradient();
      if (g != null) {
        try (Scope scope = new Scope()) {
          g.copyFrom(g.mm(layer.inverse()));
        }
      }
    }
  }

  @Override
  public void close() {
    layers.forEach(l -> l.inverse().close());
  }
}
