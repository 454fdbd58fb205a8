/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import java.util.Set;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;

/** Weights that are all read as numbers, whatever codes they are held in. */
record DenseWeights(WeightStore store) implements WeightStore {
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
    return store.load(name, type);
  }

  @Override
  public Device device() {
    return store.device();
  }

  @Override
  public void close() {
    store.close();
  }
}
