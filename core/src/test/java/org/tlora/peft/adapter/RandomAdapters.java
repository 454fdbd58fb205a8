/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.adapter;

import org.tlora.autograd.GradientCheck;
import org.tlora.autograd.Parameter;
import org.tlora.engine.DType;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.Linear;

/** Adapters of every kind with factors that are drawn, nothing of them zero. */
public final class RandomAdapters {
  /** The kinds. */
  public enum Kind {
    LOW_RANK,
    FROZEN_A,
    WITH_BIAS,
    OUT_OF_BASE,
    RESUMED,
    DORA,
    SVD
  }

  /**
   * An adapter on a layer.
   *
   * @param constantNorms for DoRA, whose norms count as constant on the way back: changes the
   *     magnitudes as the norms have changed, so that their quotient is what it was; for others
   *     nothing
   */
  public record Drawn(Linear layer, PeftAdapter adapter, Runnable constantNorms) {
    /** Lets its parameters be checked. */
    public void addTo(GradientCheck check) {
      for (Parameter p : adapter.parameters()) {
        boolean ofNorms = p.name().endsWith("magnitude_vector");
        check.parameter(p, mask(p), ofNorms ? () -> {} : constantNorms);
      }
    }

    /** The column of a token that does not train; owned by the caller's scope. */
    private Tensor mask(Parameter p) {
      int untrained = layer.untrainedToken();
      boolean ofTokens = p.name().contains("lora_A");
      if (!layer.isLookup() || untrained < 0 || !ofTokens) {
        return null;
      }
      Tensor mask = p.value().newZeros(DType.FLOAT64, p.value().shape()).fillInPlace(1);
      mask.narrow(1, untrained, 1).fillInPlace(0);
      return mask;
    }
  }

  private RandomAdapters() {}

  /** An adapter, which the caller closes. */
  public static Drawn on(Linear layer, Kind kind, int rank, double dropout, Random random) {
    String name = layer.name();
    double s = 0.8;
    if (kind == Kind.RESUMED) {
      Tensor a = factor(random, rank + 2L, layer.inFeatures());
      Tensor b = factor(random, layer.outFeatures(), rank + 2L);
      return plain(layer, LowRankAdapter.resumed(name, a, b, 2, s, dropout));
    }
    Tensor a = factor(random, rank, layer.inFeatures());
    Tensor b = factor(random, layer.outFeatures(), rank);
    return switch (kind) {
      case DORA -> dora(layer, a, b, s, dropout, random);
      case SVD ->
          plain(layer, new SvdAdapter(name, a, b, singularValues(random, rank), s, dropout));
      case WITH_BIAS -> {
        Tensor bias = random.normal(0, 1, layer.outFeatures()).detachFromScope();
        yield plain(layer, LowRankAdapter.withBias(name, a, b, bias, s));
      }
      case OUT_OF_BASE -> {
        PeftAdapter adapter = LowRankAdapter.outOfBase(name, a, b, s, dropout);
        moveAway(adapter, random);
        yield plain(layer, adapter);
      }
      default -> plain(layer, new LowRankAdapter(name, a, b, s, dropout, kind != Kind.FROZEN_A));
    };
  }

  private static Drawn plain(Linear layer, PeftAdapter adapter) {
    return new Drawn(layer, adapter, () -> {});
  }

  private static Tensor factor(Random random, long rows, long columns) {
    return random.normal(0, 1 / Math.sqrt((double) columns), rows, columns).detachFromScope();
  }

  /** One of several is switched off. */
  private static Tensor singularValues(Random random, int rank) {
    Tensor e = random.uniform(0.5, 1.5, rank, 1).detachFromScope();
    if (rank > 1) {
      e.narrow(0, 0, 1).fillInPlace(0);
    }
    return e;
  }

  /** From where what trains and what is fixed cancel each other. */
  private static void moveAway(PeftAdapter adapter, Random random) {
    for (Parameter p : adapter.parameters()) {
      try (Tensor off = random.normal(0, 0.3, p.value().shape())) {
        p.value().addInPlace(off);
      }
    }
  }

  private static Drawn dora(
      Linear layer, Tensor a, Tensor b, double s, double dropout, Random random) {
    Tensor m = random.uniform(0.5, 1.5, layer.outFeatures()).detachFromScope();
    DoraAdapter adapter = new DoraAdapter(layer, a, b, m, s, dropout);
    Tensor squares = layer.denseWeight().to(DType.FLOAT64).square().sum(1, false);
    Tensor quotient = m.to(DType.FLOAT64).div(norms(layer, squares, a, b, s));
    Runnable constantNorms =
        () -> {
          try (Scope scope = new Scope()) {
            m.copyFrom(quotient.mul(norms(layer, squares, a, b, s)));
          }
        };
    return new Drawn(layer, adapter, constantNorms);
  }

  /** ‖w + s·b A‖, where ‖w‖² is that of the weight that the adapter was made on. */
  private static Tensor norms(Linear layer, Tensor squares, Tensor a, Tensor b, double s) {
    Tensor w = layer.denseWeight().to(DType.FLOAT64);
    Tensor added = b.to(DType.FLOAT64).mm(a.to(DType.FLOAT64)).mulInPlace(s);
    Tensor sum = squares.add(added.square().sum(1, false));
    return sum.addInPlace(added.mulInPlace(w).sum(1, false), 2).sqrt();
  }
}
