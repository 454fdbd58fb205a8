/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.List;
import org.tlora.autograd.Parameter;
import org.tlora.engine.Tensor;

/**
 * What a fine-tuning method adds to a linear layer; several on one layer are an {@link AdapterMix}.
 */
public interface Adapter extends AutoCloseable {
  /** What trains, in a fixed order. */
  List<Parameter> parameters();

  /**
   * Changes the layer's output in place.
   *
   * @param input [tokens, in], or the ids [tokens] where the layer {@linkplain Linear#isLookup
   *     looks up}
   * @param output [tokens, out], W x without the bias; a view that may be strided
   * @param record whether a way back is needed
   * @return the way back, or null if {@code record} is false
   */
  Gradient forward(Pass pass, Linear linear, Tensor input, Tensor output, boolean record);

  /** The weight [out, in] float32 that base and adapter have together; owned by the caller. */
  Tensor merged(Tensor weight);

  /**
   * What the adapter adds to every output whatever the input, [out] float32, owned by the caller's
   * scope; null: nothing.
   */
  default Tensor outputShift() {
    return null;
  }

  /** Whether all that it does, where nothing is dropped, is to add {@link #lowRank}'s product. */
  default boolean isLowRank() {
    return false;
  }

  /**
   * What it adds as one product, y += x Aᵀ Bᵀ; owned by the caller's scope.
   *
   * @throws UnsupportedOperationException where it is {@linkplain #isLowRank not of this kind}
   */
  default LowRankFactors lowRank() {
    throw new UnsupportedOperationException("not a low-rank product alone");
  }

  @Override
  void close();

  /** The way back through an adapter; closing it frees what it kept. */
  interface Gradient extends AutoCloseable {
    /** Whether the base layer's output does not pass through unchanged but is scaled. */
    default boolean scalesBase() {
      return false;
    }

    /**
     * Turns ∂loss/∂output into ∂loss/∂(W x), in place; called first where {@link #scalesBase}.
     *
     * @param gradient [tokens, out], a view that may be strided
     */
    default void toBaseGradient(Tensor gradient) {}

    /**
     * Adds to the gradients of the parameters, and to that of the input.
     *
     * @param outputGradient ∂loss/∂output [tokens, out], only to read
     * @param baseGradient ∂loss/∂(W x) [tokens, out], only to read; the same as {@code
     *     outputGradient} unless {@link #scalesBase}
     * @param inputGradient [tokens, in] to be added to, or null if nobody wants it
     */
    void backward(Tensor outputGradient, Tensor baseGradient, Tensor inputGradient);

    @Override
    void close();
  }
}
