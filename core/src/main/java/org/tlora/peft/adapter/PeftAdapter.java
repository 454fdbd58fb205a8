/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.adapter;

import org.tlora.model.Adapter;

/** An adapter that can be written in PEFT's format. */
public interface PeftAdapter extends Adapter {
  /** What goes to disk; owned by the caller's scope. */
  LoraFactors factors();

  /** What a method makes this adapter of again, to the bit; owned by the caller. */
  default StoredLayer stored() {
    LoraFactors f = factors();
    return new StoredLayer(f.a(), f.b(), f.bias(), null, f.magnitude(), f.scaling(), f.fixedRank());
  }

  /** The rank in use, which a method may lower while it trains. */
  long rank();

  /** s in y = W x + s·B A x. */
  double scaling();
}
