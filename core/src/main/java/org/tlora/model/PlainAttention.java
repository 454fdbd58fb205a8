/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.List;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.WeightStore;

/** Attention in which content alone meets content. */
final class PlainAttention implements EncoderAttention {
  private final LinearGroup qkv;
  private final SelfAttention attention;

  PlainAttention(WeightStore store, EncoderConfig c, String layer, DType type) {
    EncoderConfig.Names n = c.names();
    long hidden = c.hiddenSize();
    qkv =
        LinearGroup.load(
            store,
            List.of(layer + n.query(), layer + n.key(), layer + n.value()),
            List.of(hidden, hidden, hidden),
            hidden,
            true,
            type);
    attention = new SelfAttention(c.heads(), c.headDim());
  }

  @Override
  public List<Linear> linears() {
    return qkv.linears();
  }

  @Override
  public Variable forward(Pass pass, Variable x) {
    try (Scope scope = new Scope()) {
      Variable y = attention.forward(pass, qkv.forward(pass, x), null);
      scope.keep(y.value());
      return y;
    }
  }

  @Override
  public void close() {
    qkv.close();
  }
}
