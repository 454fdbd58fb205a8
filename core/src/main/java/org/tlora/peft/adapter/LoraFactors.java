/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.adapter;

import org.tlora.engine.Tensor;

/**
 * What an adapter amounts to in PEFT's LoRA format: on the original base, W x becomes W x + s·B A
 * x, or DoRA's normalised form of it where there is a magnitude.
 *
 * @param a [rank, in] float32
 * @param b [out, rank] float32
 * @param bias of B, which the scaling multiplies too ({@code lora_bias}): [out] float32, or null
 * @param magnitude DoRA's m, [out] float32, or null
 * @param scaling s
 * @param fixedRank how many of the last rows of A and columns of B stand for what the method took
 *     out of the base and do not train
 */
public record LoraFactors(
    Tensor a, Tensor b, Tensor bias, Tensor magnitude, double scaling, long fixedRank) {
  /** Factors without a bias. */
  public LoraFactors(Tensor a, Tensor b, Tensor magnitude, double scaling, long fixedRank) {
    this(a, b, null, magnitude, scaling, fixedRank);
  }
}
