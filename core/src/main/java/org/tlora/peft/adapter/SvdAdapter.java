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
 * y += s·B (E ∘ A x): singular triplets that train and can be switched off one by one by a zero in
 * E (Zhang et al., arXiv 2303.10512).
 */
public final class SvdAdapter implements PeftAdapter {
  private final Parameter a;
  private final Parameter b;
  private final Parameter e;
  private final double scaling;
  private final double dropout;

  /**
   * An adapter; takes ownership of the tensors.
   *
   * @param a [rank, in] float32
   * @param b [out, rank] float32
   * @param e [rank, 1] float32
   */
  public SvdAdapter(String module, Tensor a, Tensor b, Tensor e, double scaling, double dropout) {
    this.a = new Parameter(module + ".lora_A", a);
    this.b = new Parameter(module + ".lora_B", b);
    this.e = new Parameter(module + ".lora_E", e);
    this.scaling = scaling;
    this.dropout = dropout;
    for (Tensor t : List.of(a, b, e)) {
      Footprint.mark(Footprint.Part.ADAPTERS, t);
    }
  }

  /** A, [rank, in]. */
  public Parameter a() {
    return a;
  }

  /** B, [out, rank]. */
  public Parameter b() {
    return b;
  }

  /** The singular values, [rank, 1]. */
  public Parameter e() {
    return e;
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(a, b, e);
  }

  /** How many singular values are not zero. */
  @Override
  public long rank() {
    return kept().length;
  }

  @Override
  public double scaling() {
    return scaling;
  }

  private long[] kept() {
    float[] values = e.value().toFloats();
    return java.util.stream.LongStream.range(0, values.length)
        .filter(i -> values[(int) i] != 0)
        .toArray();
  }

  /**
   * The triplets in use, with E multiplied into A. Where none is, the first one stands for them:
   * its row is zero then, and PEFT knows no layer of rank 0.
   */
  @Override
  public LoraFactors factors() {
    try (Scope scope = new Scope()) {
      long[] kept = rank() == 0 ? new long[] {0} : kept();
      Tensor index = Tensor.ofLongs(a.value().device(), kept, kept.length);
      Tensor rows = scope.keep(a.value().mul(e.value()).indexSelect(0, index));
      Tensor columns = scope.keep(b.value().indexSelect(1, index));
      return new LoraFactors(rows, columns, null, scaling, 0);
    }
  }

  /** All triplets, also those that are switched off. */
  @Override
  public StoredLayer stored() {
    return new StoredLayer(
        a.value().alias(), b.value().alias(), e.value().alias(), null, scaling, 0);
  }

  @Override
  public Tensor merged(Tensor weight) {
    try (Scope scope = new Scope()) {
      Tensor w = weight.to(DType.FLOAT32).copy();
      return scope.keep(w.addmmInPlace(b.value(), a.value().mul(e.value()), scaling));
    }
  }

  @Override
  public Gradient forward(Pass pass, Linear linear, Tensor input, Tensor output, boolean record) {
    DType type = output.dtype();
    try (Scope scope = new Scope()) {
      AdapterInput in = AdapterInput.of(pass, linear, input, a.value().to(type), dropout);
      output.addmmInPlace(in.h().mul(e.value().to(type).t()), b.value().to(type).t(), scaling);
      return record ? new Way(in.kept(true)) : null;
    }
  }

  @Override
  public void close() {
    a.close();
    b.close();
    e.close();
  }

  private final class Way implements Gradient {
    private final AdapterInput in;

    Way(AdapterInput in) {
      this.in = in;
    }

    /** With z = E ∘ h: dB = s·dyᵀ z; dz = s·dy B; dE = Σ dz ∘ h; dA = (E ∘ dz)ᵀ x. */
    @Override
    public void backward(Tensor dy, Tensor baseGradient, Tensor dx) {
      try (Scope scope = new Scope()) {
        DType type = dy.dtype();
        Tensor singular = e.value().to(type).t(); // [1, rank]
        b.accumulate(AdapterInput.gradientOfB(dy, in.h().mul(singular), scaling));
        Tensor dz = dy.mm(b.value().to(type)).mulInPlace(scaling);
        e.accumulate(dz.mul(in.h()).to(DType.FLOAT32).sum(0, false).unsqueeze(1));
        Tensor dh = dz.mulInPlace(singular);
        a.accumulate(in.gradientOfA(dh));
        if (dx != null) {
          in.addTo(dx, dh, a.value().to(type));
        }
      }
    }

    @Override
    public void close() {
      in.close();
    }
  }
}
