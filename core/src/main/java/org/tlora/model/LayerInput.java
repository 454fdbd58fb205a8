/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import org.tlora.engine.Tensor;

/**
 * What goes into a layer in a pass that ended there: another pass of the same tokens can begin with
 * it. Closed by whoever has it.
 *
 * @param layer its number, from 0
 * @param stream [tokens, hidden], in no scope
 */
public record LayerInput(int layer, Tensor stream) implements AutoCloseable {
  @Override
  public void close() {
    stream.close();
  }
}
