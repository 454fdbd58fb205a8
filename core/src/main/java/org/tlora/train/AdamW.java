/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.autograd.Parameter;
import org.tlora.engine.DType;
import org.tlora.engine.Footprint;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;

/**
 * AdamW (Loshchilov and Hutter, arXiv 1711.05101) in place, with PyTorch's order of operations:
 * decay first, bias corrections in the step size and in the denominator.
 */
public final class AdamW implements Optimizer {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;
  private static final String FIRST = "optimizer.first.";
  private static final String SECOND = "optimizer.second.";

  private final List<Parameter> parameters;
  private final double weightDecay;
  private final List<Tensor> firstMoments = new ArrayList<>();
  private final List<Tensor> secondMoments = new ArrayList<>();
  private long steps;

  /** An optimizer whose moments are zero. */
  public AdamW(List<Parameter> parameters, double weightDecay) {
    this.parameters = List.copyOf(parameters);
    this.weightDecay = weightDecay;
    for (Parameter p : parameters) {
      firstMoments.add(zerosLike(p));
      secondMoments.add(zerosLike(p));
    }
  }

  private static Tensor zerosLike(Parameter p) {
    Tensor zeros = p.value().newZeros(DType.FLOAT32, p.value().shape()).detachFromScope();
    Footprint.mark(Footprint.Part.OPTIMIZER, zeros);
    return zeros;
  }

  @Override
  public void step(double learningRate) {
    steps++;
    double correction1 = 1 - Math.pow(BETA1, (double) steps);
    double correction2 = Math.sqrt(1 - Math.pow(BETA2, (double) steps));
    for (int i = 0; i < parameters.size(); i++) {
      Tensor g = parameters.get(i).gradient();
      if (g == null) {
        continue;
      }
      Tensor w = parameters.get(i).value();
      double rate = learningRate * parameters.get(i).rateFactor();
      try (Scope scope = new Scope()) {
        if (weightDecay != 0) {
          w.mulInPlace(1 - rate * weightDecay);
        }
        Tensor m = firstMoments.get(i).mulInPlace(BETA1).addInPlace(g, 1 - BETA1);
        Tensor v = secondMoments.get(i).mulInPlace(BETA2).addcmulInPlace(g, g, 1 - BETA2);
        Tensor denominator = v.sqrt().mulInPlace(1 / correction2).addInPlace(EPSILON);
        w.addcdivInPlace(m, denominator, -rate / correction1);
      }
    }
  }

  /** The moments by name. */
  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (int i = 0; i < parameters.size(); i++) {
      state.put(FIRST + parameters.get(i).name(), firstMoments.get(i));
      state.put(SECOND + parameters.get(i).name(), secondMoments.get(i));
    }
    return state;
  }

  @Override
  public void restore(Map<String, Tensor> state, long steps) {
    this.steps = steps;
    for (int i = 0; i < parameters.size(); i++) {
      restore(firstMoments.get(i), state, FIRST + parameters.get(i).name());
      restore(secondMoments.get(i), state, SECOND + parameters.get(i).name());
    }
  }

  private static void restore(Tensor moment, Map<String, Tensor> state, String name) {
    Tensor kept = state.get(name);
    if (kept == null || !Arrays.equals(kept.shape(), moment.shape())) {
      throw new InputFault("the checkpoint does not fit: it has no " + name + " of that shape");
    }
    moment.copyFrom(kept);
  }

  @Override
  public void close() {
    firstMoments.forEach(Tensor::close);
    secondMoments.forEach(Tensor::close);
  }
}
