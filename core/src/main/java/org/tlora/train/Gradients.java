/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import java.util.List;
import org.tlora.autograd.Parameter;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/** The gradients of all that trains, together. */
final class Gradients {
  private Gradients() {}

  /** Those that there are, in the order of the parameters. */
  static List<Tensor> of(List<Parameter> parameters) {
    return parameters.stream().map(Parameter::gradient).filter(g -> g != null).toList();
  }

  /** Their Euclidean norm, [1] float64; owned by the caller's scope. */
  static Tensor norm(List<Parameter> parameters) {
    try (Scope scope = new Scope()) {
      Tensor sum = null;
      for (Tensor g : of(parameters)) {
        // each in float32, their sum in float64
        Tensor square = g.square().sum().to(DType.FLOAT64);
        sum = sum == null ? square : sum.addInPlace(square);
      }
      return scope.keep(
          sum == null
              ? parameters.get(0).value().newZeros(DType.FLOAT64, 1)
              : sum.sqrt().unsqueeze(0));
    }
  }

  /** Scales them so that their norm is at most {@code most}. */
  static void clip(List<Tensor> gradients, double norm, double most) {
    double factor = most / (norm + 1e-6);
    if (factor < 1) {
      gradients.forEach(g -> g.mulInPlace(factor));
    }
  }
}
