/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.adapter;

import java.util.List;
import org.tlora.autograd.Parameter;
import org.tlora.engine.DType;
import org.tlora.engine.Footprint;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.Linear;
import org.tlora.model.LowRankFactors;
import org.tlora.model.Pass;

/**
 * y += s·B A x, with A [rank, in] and B [out, rank] in float32 (Hu et al., arXiv 2106.09685).
 *
 * <p>Methods that start from a part of the weight give that part as fixed factors too: y += s·(B A
 * − B₀A₀) x, which is W − s·B₀A₀ in the base without touching the base. Both products are one: A₀
 * lies below A, −B₀ beside B. Dropout is on the x of B A alone, since W x is never dropped.
 *
 * <p>The product is added inside the matrix product (no pass over y of its own), and where A is
 * frozen nothing of the size of x is kept for the way back.
 */
public final class LowRankAdapter implements PeftAdapter {
  private final Tensor aWithFixed; // [rank + fixed rank, in]; its first rows are A
  private final Tensor fixedB; // −B₀ [out, fixed rank], or null
  private final Tensor bias; // of B, [out], or null
  private final Parameter a;
  private final Parameter b;
  private final boolean trainsA;
  private final double scaling;
  private final double dropout;

  /**
   * An adapter; takes ownership of both matrices.
   *
   * @param module the layer's path, for the parameters' names
   * @param a [rank, in] float32
   * @param b [out, rank] float32
   */
  public LowRankAdapter(
      String module, Tensor a, Tensor b, double scaling, double dropout, boolean trainsA) {
    this(module, a, b, null, null, scaling, dropout, trainsA, 1);
  }

  private LowRankAdapter(
      String module,
      Tensor aWithFixed,
      Tensor b,
      Tensor fixedB,
      Tensor bias,
      double scaling,
      double dropout,
      boolean trainsA,
      double rateFactorOfB) {
    this.aWithFixed = aWithFixed.detachFromScope();
    this.fixedB = fixedB == null ? null : fixedB.detachFromScope();
    this.bias = bias == null ? null : bias.detachFromScope();
    this.a = new Parameter(module + ".lora_A.weight", aWithFixed.narrow(0, 0, b.size(1)));
    this.b = new Parameter(module + ".lora_B.weight", b, rateFactorOfB);
    this.scaling = scaling;
    this.dropout = dropout;
    this.trainsA = trainsA;
    Footprint.mark(Footprint.Part.ADAPTERS, aWithFixed);
    Footprint.mark(Footprint.Part.ADAPTERS, b);
    if (fixedB != null) {
      Footprint.mark(Footprint.Part.ADAPTERS, fixedB);
    }
  }

  /**
   * An adapter for inference whose B has a bias of its own, PEFT's {@code lora_bias}: y += s·(B A x
   * + bias).
   *
   * @param bias [out] float32
   */
  static LowRankAdapter withBias(String module, Tensor a, Tensor b, Tensor bias, double scaling) {
    return new LowRankAdapter(module, a, b, null, bias, scaling, 0, false, 1);
  }

  /**
   * An adapter whose B learns at another rate than A.
   *
   * @param rateFactorOfB times the run's learning rate is B's
   */
  public static LowRankAdapter withRateOfB(
      String module, Tensor a, Tensor b, double scaling, double dropout, double rateFactorOfB) {
    return new LowRankAdapter(module, a, b, null, null, scaling, dropout, true, rateFactorOfB);
  }

  /** An adapter that starts at {@code a} and {@code b} and takes their product out of the base. */
  public static LowRankAdapter outOfBase(
      String module, Tensor a, Tensor b, double scaling, double dropout) {
    Tensor both = Tensor.cat(List.of(a, a), 0);
    a.close();
    return new LowRankAdapter(module, both, b, b.mul(-1), null, scaling, dropout, true, 1);
  }

  /**
   * As {@link #outOfBase}, from what {@link #factors} gave: the last {@code fixedRank} rows and
   * columns do not train. Takes ownership of both matrices.
   */
  public static LowRankAdapter resumed(
      String module, Tensor a, Tensor b, long fixedRank, double scaling, double dropout) {
    long rank = b.size(1) - fixedRank;
    Tensor trained = b.narrow(1, 0, rank).copy();
    Tensor fixed = b.narrow(1, rank, fixedRank).copy();
    b.close();
    return new LowRankAdapter(module, a, trained, fixed, null, scaling, dropout, true, 1);
  }

  /** A, [rank, in]. */
  public Tensor a() {
    return a.value();
  }

  /** B, [out, rank]. */
  public Tensor b() {
    return b.value();
  }

  @Override
  public long rank() {
    return a.value().size(0);
  }

  @Override
  public double scaling() {
    return scaling;
  }

  @Override
  public List<Parameter> parameters() {
    return trainsA ? List.of(a, b) : List.of(b);
  }

  @Override
  public LoraFactors factors() {
    long fixedRank = aWithFixed.size(0) - rank();
    return new LoraFactors(
        aWithFixed.alias(),
        bWithFixed(DType.FLOAT32),
        bias == null ? null : bias.alias(),
        null,
        scaling,
        fixedRank);
  }

  /** B, and −B₀ beside it where there is one, in a compute type. */
  private Tensor bWithFixed(DType type) {
    Tensor all = fixedB == null ? b.value() : Tensor.cat(List.of(b.value(), fixedB), 1);
    return all.to(type);
  }

  @Override
  public Tensor merged(Tensor weight) {
    try (Scope scope = new Scope()) {
      Tensor w = weight.to(DType.FLOAT32).copy();
      return scope.keep(w.addmmInPlace(bWithFixed(DType.FLOAT32), aWithFixed, scaling));
    }
  }

  @Override
  public Tensor outputShift() {
    return bias == null ? null : bias.mul(scaling);
  }

  @Override
  public boolean isLowRank() {
    return bias == null;
  }

  @Override
  public LowRankFactors lowRank() {
    return new LowRankFactors(aWithFixed.alias(), bWithFixed(DType.FLOAT32).mul(scaling));
  }

  @Override
  public Gradient forward(Pass pass, Linear linear, Tensor input, Tensor output, boolean record) {
    DType type = output.dtype();
    try (Scope scope = new Scope()) {
      AdapterInput in = AdapterInput.of(pass, linear, input, aWithFixed.to(type), rank(), dropout);
      output.addmmInPlace(in.h(), bWithFixed(type).t(), scaling);
      if (bias != null) {
        output.addInPlace(outputShift().to(type));
      }
      return record ? new Way(in.kept(trainsA)) : null;
    }
  }

  @Override
  public void close() {
    a.close();
    b.close();
    aWithFixed.close();
    if (fixedB != null) {
      fixedB.close();
    }
    if (bias != null) {
      bias.close();
    }
  }

  private final class Way implements Gradient {
    private final AdapterInput in;

    Way(AdapterInput in) {
      this.in = in;
    }

    /** dB = s·dyᵀ h; dh = s·dy B; dA = dhᵀ x; dx += dh A, through the dropout mask. */
    @Override
    public void backward(Tensor dy, Tensor baseGradient, Tensor dx) {
      try (Scope scope = new Scope()) {
        DType type = dy.dtype();
        b.accumulate(AdapterInput.gradientOfB(dy, in.h().narrow(1, 0, rank()), scaling));
        if (!trainsA && dx == null) {
          return;
        }
        Tensor dh = dy.mm(bWithFixed(type)).mulInPlace(scaling);
        if (trainsA) {
          a.accumulate(in.gradientOfA(dh.narrow(1, 0, rank())));
        }
        if (dx != null) {
          in.addTo(dx, dh, aWithFixed.to(type));
        }
      }
    }

    @Override
    public void close() {
      in.close();
    }
  }
}
