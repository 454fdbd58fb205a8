package org.tlora.peft;

import java.util.List;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Tape;
import org.tlora.engine.DType;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.Adapter;
import org.tlora.model.Linear;
import org.tlora.model.Pass;

/**
 * y += s·B A x, with A [rank, in] and B [out, rank] in float32 (Hu et al., arXiv 2106.09685).
 *
 * <p>The product is added inside the matrix product (no pass over y of its own), and where A is
 * frozen nothing of the size of x is kept for the way back.
 */
public final class LowRankAdapter implements Adapter {
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
    this.a = new Parameter(module + ".lora_A.weight", a);
    this.b = new Parameter(module + ".lora_B.weight", b);
    this.scaling = scaling;
    this.dropout = dropout;
    this.trainsA = trainsA;
  }

  /** A, [rank, in]. */
  public Tensor a() {
    return a.value();
  }

  /** B, [out, rank]. */
  public Tensor b() {
    return b.value();
  }

  /** The rank. */
  public long rank() {
    return a.value().size(0);
  }

  /** s. */
  public double scaling() {
    return scaling;
  }

  @Override
  public List<Parameter> parameters() {
    return trainsA ? List.of(a, b) : List.of(b);
  }

  @Override
  public Tensor merged(Tensor weight) {
    try (Scope scope = new Scope()) {
      Tensor w = weight.to(DType.FLOAT32).copy();
      return scope.keep(w.addmmInPlace(b.value(), a.value(), scaling));
    }
  }

  @Override
  public Gradient forward(Pass pass, Linear linear, Tensor input, Tensor output, boolean record) {
    DType type = input.dtype();
    boolean drop = dropout > 0 && pass.dropoutSeed() != null;
    try (Scope scope = new Scope()) {
      Tensor mask = drop ? mask(pass.dropoutSeed(), linear, input) : null;
      Tensor x = drop ? input.mul(mask) : input;
      Tensor h = x.mm(a.value().to(type).t()); // [tokens, rank]
      output.addmmInPlace(h, b.value().to(type).t(), scaling);
      if (!record) {
        return null;
      }
      return new Way(
          h.detachFromScope(), trainsA ? Tape.save(x) : null, drop ? mask.detachFromScope() : null);
    }
  }

  /** 0 with probability {@code dropout}, else 1/(1 − dropout); the same for the same seed. */
  private Tensor mask(long seed, Linear linear, Tensor input) {
    try (Scope scope = new Scope();
        Random random = new Random(Random.mix(seed, linear.name().hashCode()))) {
      Tensor keep = random.uniform(0, 1, input.shape()).lessThan(1 - dropout);
      return scope.keep(keep.to(input.dtype()).mulInPlace(1 / (1 - dropout)));
    }
  }

  @Override
  public void close() {
    a.close();
    b.close();
  }

  private final class Way implements Gradient {
    private final Tensor h;
    private final Tensor x;
    private final Tensor mask;

    Way(Tensor h, Tensor x, Tensor mask) {
      this.h = h;
      this.x = x;
      this.mask = mask;
    }

    /** dB = s·dyᵀ h; dh = s·dy B; dA = dhᵀ x; dx += dh A, through the dropout mask. */
    @Override
    public void backward(Tensor dy, Tensor dx) {
      try (Scope scope = new Scope()) {
        DType type = dy.dtype();
        b.accumulate(dy.t().mm(h).to(DType.FLOAT32).mulInPlace(scaling));
        if (!trainsA && dx == null) {
          return;
        }
        Tensor dh = dy.mm(b.value().to(type)).mulInPlace(scaling);
        if (trainsA) {
          a.accumulate(dh.t().mm(x));
        }
        if (dx != null && mask == null) {
          dx.addmmInPlace(dh, a.value().to(type), 1);
        } else if (dx != null) {
          dx.addcmulInPlace(dh.mm(a.value().to(type)), mask, 1);
        }
      }
    }

    @Override
    public void close() {
      h.close();
      if (x != null) {
        x.close();
      }
      if (mask != null) {
        mask.close();
      }
    }
  }
}
