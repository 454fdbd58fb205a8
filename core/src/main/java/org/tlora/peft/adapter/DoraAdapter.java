/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.adapter;

import java.util.List;
import org.tlora.autograd.Parameter;
import org.tlora.engine.DType;
import org.tlora.engine.Footprint;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.Linear;
import org.tlora.model.Pass;

/**
 * W' = m · (W + s·B A) / ‖W + s·B A‖, row by row; A, B and m train, and the norm counts as constant
 * on the way back (Liu et al., arXiv 2402.09353).
 *
 * <p>The norms are found without forming W + s·B A: ‖w + s·b A‖² = ‖w‖² + 2s·(w Aᵀ)·b + s²·b (A Aᵀ)
 * bᵀ for each row w of W and b of B. With dropout, only the adapter's input is dropped.
 */
public final class DoraAdapter implements PeftAdapter {
  private final Linear layer;
  private final Parameter a;
  private final Parameter b;
  private final Parameter magnitude;
  private final Tensor squaredRows; // ‖w‖² [out] float32
  private final double scaling;
  private final double dropout;
  private Tensor inferenceScale;

  /**
   * An adapter; takes ownership of the tensors.
   *
   * @param a [rank, in] float32
   * @param b [out, rank] float32
   * @param magnitude m, [out] float32, or null: the norms of the rows of W + s·B A
   */
  public DoraAdapter(
      Linear layer, Tensor a, Tensor b, Tensor magnitude, double scaling, double dropout) {
    this.layer = layer;
    this.scaling = scaling;
    this.dropout = dropout;
    this.a = new Parameter(layer.name() + ".lora_A.weight", a);
    this.b = new Parameter(layer.name() + ".lora_B.weight", b);
    try (Scope scope = new Scope()) {
      squaredRows = squaredRows(layer).detachFromScope();
      Tensor m = magnitude == null ? norms() : magnitude;
      this.magnitude = new Parameter(layer.name() + ".lora_magnitude_vector", m);
      for (Tensor t : List.of(a, b, m, squaredRows)) {
        Footprint.mark(Footprint.Part.ADAPTERS, t);
      }
    }
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
    return List.of(a, b, magnitude);
  }

  @Override
  public LoraFactors factors() {
    return new LoraFactors(
        a.value().alias(), b.value().alias(), magnitude.value().alias(), scaling, 0);
  }

  @Override
  public Tensor merged(Tensor weight) {
    try (Scope scope = new Scope()) {
      Tensor w = weight.to(DType.FLOAT32).copy().addmmInPlace(b.value(), a.value(), scaling);
      Tensor norm = w.square().sum(1, true).sqrt();
      return scope.keep(w.mulInPlace(magnitude.value().unsqueeze(1).div(norm)));
    }
  }

  private static Tensor squaredRows(Linear layer) {
    try (Scope scope = new Scope()) {
      Tensor w = layer.denseWeight().to(DType.FLOAT32);
      return scope.keep(w.square().sum(1, false).contiguous());
    }
  }

  /** ‖W + s·B A‖ of each row, [out] float32; owned by the caller's scope. */
  private Tensor norms() {
    try (Scope scope = new Scope()) {
      Tensor products = layer.product(a.value().to(layer.computeType())); // (W Aᵀ)ᵀ
      Tensor cross = products.t().to(DType.FLOAT32).mul(b.value());
      Tensor quadratic = b.value().mm(a.value().mm(a.value().t())).mul(b.value());
      Tensor sum = squaredRows.copy().addInPlace(cross.sum(1, false), 2 * scaling);
      return scope.keep(
          sum.addInPlace(quadratic.sum(1, false), scaling * scaling).sqrt().contiguous());
    }
  }

  /** m / ‖W + s·B A‖, which does not change between steps of inference; threads may share it. */
  private synchronized Tensor inferenceScale() {
    if (inferenceScale == null) {
      try (Scope scope = new Scope()) {
        inferenceScale = magnitude.value().div(norms()).detachFromScope();
      }
    }
    return inferenceScale;
  }

  private synchronized void forgetInferenceScale() {
    if (inferenceScale != null) {
      inferenceScale.close();
      inferenceScale = null;
    }
  }

  @Override
  public Gradient forward(Pass pass, Linear linear, Tensor input, Tensor output, boolean record) {
    DType type = output.dtype();
    try (Scope scope = new Scope()) {
      AdapterInput in = AdapterInput.of(pass, linear, input, a.value().to(type), dropout);
      output.addmmInPlace(in.h(), b.value().to(type).t(), scaling);
      if (!record && !pass.tape().isOn() && pass.dropout() == null) {
        output.mulInPlace(inferenceScale().to(type));
        return null;
      }
      forgetInferenceScale();
      Tensor norms = norms();
      Tensor plain = record ? output.copy().detachFromScope() : null;
      output.mulInPlace(magnitude.value().div(norms).to(type));
      return record ? new Way(in.kept(true), plain, norms.detachFromScope()) : null;
    }
  }

  @Override
  public void close() {
    a.close();
    b.close();
    magnitude.close();
    squaredRows.close();
    forgetInferenceScale();
  }

  /** {@code plain} is W x + s·B A x [tokens, out], {@code norms} ‖W + s·B A‖ [out]. */
  private final class Way implements Gradient {
    private final AdapterInput in;
    private final Tensor plain;
    private final Tensor norms;

    Way(AdapterInput in, Tensor plain, Tensor norms) {
      this.in = in;
      this.plain = plain;
      this.norms = norms;
    }

    @Override
    public boolean scalesBase() {
      return true;
    }

    @Override
    public void toBaseGradient(Tensor gradient) {
      try (Scope scope = new Scope()) {
        gradient.mulInPlace(magnitude.value().div(norms).to(gradient.dtype()));
      }
    }

    /** dm = Σ dy ∘ u / ‖·‖ over tokens; the rest as in LoRA, from du = dy ∘ m / ‖·‖. */
    @Override
    public void backward(Tensor dy, Tensor du, Tensor dx) {
      try (Scope scope = new Scope()) {
        DType type = dy.dtype();
        Tensor sum = dy.mul(plain).to(DType.FLOAT32).sum(0, false);
        magnitude.accumulate(sum.div(norms));
        b.accumulate(AdapterInput.gradientOfB(du, in.h(), scaling));
        Tensor dh = du.mm(b.value().to(type)).mulInPlace(scaling);
        a.accumulate(in.gradientOfA(dh));
        if (dx != null) {
          in.addTo(dx, dh, a.value().to(type));
        }
      }
    }

    @Override
    public void close() {
      in.close();
      plain.close();
      norms.close();
    }
  }
}
