/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.adapter;

import java.util.List;
import org.tlora.autograd.Tape;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.Linear;
import org.tlora.model.Pass;

/**
 * What goes into an adapter: the layer's input after dropout, and its product with A.
 *
 * <p>A dropout mask comes from the rows' seeds and the layer's name, so that a layer that is run
 * again drops the same. Nothing is dropped from what a method took out of the base, which stands
 * for a part of the weight, nor from tokens that are looked up.
 *
 * @param linear the layer
 * @param x [tokens, in], or null where nobody needs it on the way back; the ids [tokens] of a
 *     lookup
 * @param h x Aᵀ, [tokens, rank]
 * @param mask 0 or 1/(1 − p) for each element of the layer's input, or null without dropout
 * @param dropped how many of the first rows of A see the input with the mask
 */
record AdapterInput(Linear linear, Tensor x, Tensor h, Tensor mask, long dropped)
    implements AutoCloseable {
  /**
   * Drops and multiplies; owned by the caller's scope.
   *
   * @param input [tokens, in], or the ids [tokens] of a lookup
   * @param a [rank, in], in the type that the layer computes in
   * @param dropout the probability of an element to be dropped
   */
  static AdapterInput of(Pass pass, Linear linear, Tensor input, Tensor a, double dropout) {
    return of(pass, linear, input, a, a.size(0), dropout);
  }

  /** The same where only the first {@code dropped} rows of A see an input with dropout. */
  static AdapterInput of(
      Pass pass, Linear linear, Tensor input, Tensor a, long dropped, double dropout) {
    if (linear.isLookup()) {
      return new AdapterInput(linear, input, a.t().indexSelect(0, input), null, dropped);
    }
    if (dropout == 0 || pass.dropout() == null) {
      return new AdapterInput(linear, input, input.mm(a.t()), null, dropped);
    }
    Tensor mask = pass.dropout().mask(input, linear.name(), dropout);
    Tensor x = input.mul(mask);
    long whole = a.size(0) - dropped;
    Tensor h = x.mm(a.narrow(0, 0, dropped).t());
    if (whole > 0) {
      h = Tensor.cat(List.of(h, input.mm(a.narrow(0, dropped, whole).t())), 1);
    }
    return new AdapterInput(linear, x, h, mask, dropped);
  }

  /** The same, owned by the caller until it closes it. */
  AdapterInput kept(boolean withX) {
    return new AdapterInput(
        linear,
        withX ? Tape.save(x) : null,
        h.detachFromScope(),
        mask == null ? null : mask.detachFromScope(),
        dropped);
  }

  /**
   * dA from dh [tokens, rank], owned by the caller's scope: dhᵀ x.
   *
   * @return [rank, in]
   */
  Tensor gradientOfA(Tensor dh) {
    if (!linear.isLookup()) {
      return dh.t().mm(x);
    }
    try (Scope scope = new Scope()) {
      Tensor columns = dh.newZeros(DType.FLOAT32, linear.inFeatures(), dh.size(1));
      columns.indexAddInPlace(0, x, dh.to(DType.FLOAT32));
      int untrained = linear.untrainedToken();
      if (untrained >= 0 && untrained < linear.inFeatures()) {
        columns.narrow(0, untrained, 1).fillInPlace(0);
      }
      return scope.keep(columns.t().contiguous());
    }
  }

  /**
   * scale · dyᵀ h, [out, rank], in float32, owned by the caller's scope.
   *
   * @param dy [tokens, out]
   * @param h [tokens, rank]
   */
  static Tensor gradientOfB(Tensor dy, Tensor h, double scale) {
    // (hᵀ dy)ᵀ: the product that is read row by row is the large one
    return h.t().mm(dy).t().to(DType.FLOAT32).contiguous().mulInPlace(scale);
  }

  /** {@code dx += dh A}, through the mask where there is one. */
  void addTo(Tensor dx, Tensor dh, Tensor a) {
    if (mask == null) {
      dx.addmmInPlace(dh, a, 1);
      return;
    }
    dx.addcmulInPlace(dh.narrow(1, 0, dropped).mm(a.narrow(0, 0, dropped)), mask, 1);
    long whole = a.size(0) - dropped;
    if (whole > 0) {
      dx.addmmInPlace(dh.narrow(1, dropped, whole), a.narrow(0, dropped, whole), 1);
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
