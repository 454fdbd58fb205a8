/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.format;

import java.util.Optional;
import java.util.Set;
import org.tlora.engine.CodedMatrix;
import org.tlora.engine.Coding;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;
import org.tlora.fault.InputFault;

/** Weights of which none may be infinite or not a number: nothing could be computed with them. */
public record FiniteWeights(WeightStore store, String where) implements WeightStore {
  @Override
  public Set<String> names() {
    return store.names();
  }

  @Override
  public long[] shape(String name) {
    return store.shape(name);
  }

  /**
   * Reads a tensor.
   *
   * @throws InputFault if one of its values is not finite
   */
  @Override
  public Tensor load(String name, DType type) {
    Tensor t = store.load(name, type);
    requireFinite(t, name, where);
    return t;
  }

  @Override
  public Tensor loadRows(String name, long from, long count, DType type) {
    Tensor rows = store.loadRows(name, from, count, type);
    requireFinite(rows, name, where);
    return rows;
  }

  @Override
  public Optional<Coding> coding(String name) {
    return store.coding(name);
  }

  @Override
  public Optional<CodedMatrix> coded(String name) {
    Optional<CodedMatrix> codes = store.coded(name);
    if (codes.isPresent() && !codes.get().isFinite()) {
      codes.get().close();
      throw new InputFault(
          where
              + ": tensor "
              + name
              + " ("
              + codes.get().code()
              + ") has scales that are infinite or not a number");
    }
    return codes;
  }

  /**
   * Checks a tensor that was read.
   *
   * @throws InputFault if one of its values is not finite
   */
  public static void requireFinite(Tensor t, String name, String where) {
    if (!t.isFinite()) {
      throw new InputFault(
          where + ": tensor " + name + " has values that are infinite or not a number");
    }
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
