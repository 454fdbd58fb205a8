package org.tlora.train;

import java.util.ArrayList;
import java.util.List;
import org.tlora.autograd.Parameter;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * AdamW (Loshchilov and Hutter, arXiv 1711.05101) in place, with PyTorch's order of operations:
 * decay first, bias corrections in the step size and in the denominator.
 */
public final class AdamW implements AutoCloseable {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

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
      firstMoments.add(Tensor.zeros(DType.FLOAT32, p.value().shape()).detachFromScope());
      secondMoments.add(Tensor.zeros(DType.FLOAT32, p.value().shape()).detachFromScope());
    }
  }

  /** One step with the gradients that the parameters hold; those without one stay as they are. */
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

  /** The Euclidean norm of all gradients together. */
  public static double gradientNorm(List<Parameter> parameters) {
    double sum = 0;
    for (Parameter p : parameters) {
      if (p.gradient() != null) {
        double n = p.gradient().norm();
        sum += n * n;
      }
    }
    return Math.sqrt(sum);
  }

  /** Scales all gradients so that their norm is at most {@code most}. */
  public static void clip(List<Parameter> parameters, double norm, double most) {
    double factor = most / (norm + 1e-6);
    if (factor < 1) {
      for (Parameter p : parameters) {
        if (p.gradient() != null) {
          p.gradient().mulInPlace(factor);
        }
      }
    }
  }

  @Override
  public void close() {
    firstMoments.forEach(Tensor::close);
    secondMoments.forEach(Tensor::close);
  }
}
