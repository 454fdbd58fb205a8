/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.List;
import org.tlora.autograd.Variable;

/** Attention of an encoder's layer, up to the output projection. */
interface EncoderAttention extends AutoCloseable {
  /** Its linear layers, in the order of the published module list. */
  List<Linear> linears();

  /**
   * Attends.
   *
   * @param x [tokens, hidden]
   * @return [tokens, hidden], owned by the caller's scope
   */
  Variable forward(Pass pass, Variable x);

  @Override
  void close();
}
