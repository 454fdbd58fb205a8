/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.format;

import java.util.Set;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;

/** Weights that are brought to a device as they are read, one at a time. */
public record DeviceWeights(WeightStore store, Device device) implements WeightStore {
  @Override
  public Set<String> names() {
    return store.names();
  }

  @Override
  public long[] shape(String name) {
    return store.shape(name);
  }

  @Override
  public Tensor load(String name, DType type) {
    try (Scope scope = new Scope()) {
      return scope.keep(store.load(name, type).to(device));
    }
  }

  @Override
  public void close() {
    store.close();
  }
}
