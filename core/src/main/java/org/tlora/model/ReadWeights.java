/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;

/** What a model's weights were read from, and which of them have other values since. */
final class ReadWeights {
  private final WeightStore store;
  private final Set<String> overwritten = new TreeSet<>();

  ReadWeights(WeightStore store) {
    this.store = store;
  }

  /** Weights that were overwritten and not read again. */
  Set<String> overwritten() {
    return overwritten;
  }

  /**
   * Replaces a weight.
   *
   * @throws org.tlora.fault.InputFault if the shape is another
   */
  void overwrite(String name, Tensor weight, Tensor value) {
    ReplacedWeight.copy(name, weight, value);
    overwritten.add(name);
  }

  /** Reads weights again; all count as read then. */
  void restore(Map<String, Tensor> changed) {
    changed.forEach(
        (name, weight) -> {
          try (Scope scope = new Scope()) {
            weight.copyFrom(store.load(name, weight.dtype()));
          }
        });
    overwritten.clear();
  }
}
