/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import org.tlora.engine.Attention;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * Attention score by score: under an arbitrary mask, or with soft-capped scores. The blocked kernel
 * knows no soft cap and keeps only log Σ exp for the way back, which drowns in a mask of −3.4e38;
 * here the probabilities are formed again instead, so that rows in which everything is masked
 * behave as in the reference (uniform).
 */
final class MaskedAttention {
  private MaskedAttention() {}

  /** See {@link Attention#forward}; {@code logSumExp} is an empty tensor. */
  static Attention.Result forward(
      Tensor q, Tensor k, Tensor v, Tensor mask, double scale, double softcap) {
    try (Scope scope = new Scope()) {
      long repeat = q.size(0) / k.size(0);
      Tensor scores = scores(q, repeated(k, repeat), scale, softcap);
      Tensor p = probabilities(scores, mask);
      Tensor nothing = q.newZeros(q.dtype(), 0);
      return new Attention.Result(scope.keep(p.bmm(repeated(v, repeat))), scope.keep(nothing));
    }
  }

  /**
   * With P the probabilities: dV = Pᵀ dO, dP = dO Vᵀ, dS = P ∘ (dP − Σ_j dP ∘ P), dQ = scale · dS
   * K, dK = scale · dSᵀ Q; a soft cap S = c tanh(S′/c) has the slope 1 − (S/c)².
   */
  static Attention.Gradients backward(
      Tensor dOut, Tensor q, Tensor k, Tensor v, Tensor mask, double scale, double softcap) {
    try (Scope scope = new Scope()) {
      long repeat = q.size(0) / k.size(0);
      Tensor keys = repeated(k, repeat);
      Tensor scores = scores(q, keys, scale, softcap); // [heads, queries, keys]
      Tensor slope = softcap == 0 ? null : scores.square().mulInPlace(-1 / (softcap * softcap));
      Tensor p = probabilities(scores, mask);
      Tensor dv = p.transpose(1, 2).bmm(dOut);
      Tensor dp = dOut.bmm(repeated(v, repeat).transpose(1, 2));
      Tensor ds = dp.sub(dp.mul(p).sum(2, true)).mulInPlace(p).mulInPlace(scale);
      if (slope != null) {
        ds.mulInPlace(slope.addInPlace(1));
      }
      Tensor dq = ds.bmm(keys);
      Tensor dk = ds.transpose(1, 2).bmm(q);
      return new Attention.Gradients(
          scope.keep(dq), scope.keep(summed(dk, repeat)), scope.keep(summed(dv, repeat)));
    }
  }

  private static Tensor scores(Tensor q, Tensor keys, double scale, double softcap) {
    Tensor scores = q.bmm(keys.transpose(1, 2)).mulInPlace(scale);
    return softcap == 0 ? scores : scores.mulInPlace(1 / softcap).tanhInPlace().mulInPlace(softcap);
  }

  /** Written over the scores; without a mask every key is seen. */
  private static Tensor probabilities(Tensor scores, Tensor mask) {
    return (mask == null ? scores : scores.addInPlace(mask)).softmaxInPlace();
  }

  /** Each key head once for every query head that shares it, [heads, keys, headDim]. */
  private static Tensor repeated(Tensor k, long repeat) {
    long[] s = k.shape();
    return k.unsqueeze(1).expand(s[0], repeat, s[1], s[2]).reshape(s[0] * repeat, s[1], s[2]);
  }

  /** The gradient by a key head is the sum over the query heads that share it. */
  private static Tensor summed(Tensor g, long repeat) {
    long[] s = g.shape();
    return g.view(s[0] / repeat, repeat, s[1], s[2]).sum(1, false);
  }
}
