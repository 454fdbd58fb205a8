/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import java.util.Optional;
import java.util.Set;
import org.tlora.engine.CodedMatrix;
import org.tlora.engine.Coding;
import org.tlora.engine.DType;
import org.tlora.engine.DenseRows;
import org.tlora.engine.Device;
import org.tlora.engine.ProcessMemory;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.model.TensorNames;
import org.tlora.quantise.Rounding;

/**
 * Weights of which the layers' matrices are rounded as they are read; embeddings, the output layer
 * and vectors stay as they are.
 */
final class RoundedWeights implements WeightStore {
  private final WeightStore store;
  private final Rounding rounding;
  private final DType type;
  private final String where;

  /**
   * Rounds what a store has.
   *
   * @param type what numbers are read as and come back in
   * @param where names the model in messages
   */
  RoundedWeights(WeightStore store, Rounding rounding, DType type, String where) {
    this.store = store;
    this.rounding = rounding;
    this.type = type;
    this.where = where;
  }

  @Override
  public Set<String> names() {
    return store.names();
  }

  @Override
  public long[] shape(String name) {
    return store.shape(name);
  }

  @Override
  public Tensor load(String name, DType asked) {
    return store.load(name, asked);
  }

  @Override
  public Optional<Coding> coding(String name) {
    long[] shape = store.shape(name);
    if (shape.length != 2 || isTable(name)) {
      return Optional.empty();
    }
    try {
      return Optional.of(rounding.coding(shape[0], shape[1]));
    } catch (UsageFault e) {
      throw unfit(name, e);
    }
  }

  @Override
  public Optional<CodedMatrix> coded(String name) {
    if (!isCoded(name)) {
      return Optional.empty();
    }
    try {
      return Optional.of(rounding.round(rows(name)));
    } catch (UsageFault e) {
      throw unfit(name, e);
    } finally {
      ProcessMemory
          .trim(); // allocators keep the bands: the next codes would not fit in their place
    }
  }

  private InputFault unfit(String name, UsageFault e) {
    return new InputFault(where + ": tensor " + name + ": " + e.getMessage(), e);
  }

  /** Never more than a band of them is there. */
  private DenseRows rows(String name) {
    long[] shape = store.shape(name);
    return new DenseRows() {
      @Override
      public long rows() {
        return shape[0];
      }

      @Override
      public long columns() {
        return shape[1];
      }

      @Override
      public DType dtype() {
        return type;
      }

      @Override
      public Tensor read(long from, long count) {
        return store.loadRows(name, from, count, type);
      }
    };
  }

  @Override
  public boolean rounds() {
    return true;
  }

  private static boolean isTable(String name) {
    return name.equals(TensorNames.TOKENS) || name.equals(TensorNames.HEAD);
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
