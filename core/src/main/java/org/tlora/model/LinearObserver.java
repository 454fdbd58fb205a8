/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.List;
import org.tlora.engine.Tensor;

/** Watches linear layers during a pass: what goes in, and the gradient of what comes out. */
public interface LinearObserver {
  /**
   * Called once in a pass for linears that share an input.
   *
   * @param input [tokens, in], only to read
   */
  void onInput(List<Linear> linears, Tensor input);

  /**
   * Called on the way back for each linear.
   *
   * @param input [tokens, in], only to read
   * @param outputGradient ∂loss/∂output [tokens, out], only to read
   */
  void onGradient(Linear linear, Tensor input, Tensor outputGradient);

  /**
   * Whether {@link #onGradient} is wanted of any of these: then, in a recorded pass, gradients are
   * carried down to them.
   */
  boolean wantsGradients(List<Linear> linears);

  /** Whether the inputs of later layers do not matter in this pass. */
  boolean hasSeenAll();
}
