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
import org.tlora.quantise.PlainMatrix;
import org.tlora.quantise.Rounding;

/**
 * Weights of which the layers' matrices are rounded as they are read; embeddings, the output layer
 * and vectors stay as they are. Where these are large, of 16 bits in the files and computed with in
 * 32, they stay in their 16 bits: the same numbers in half the memory, which are brought back for
 * each product.
 */
final class RoundedWeights implements WeightStore {
  /** Numbers of a table from which on its memory is worth more than the time. */
  private static final long LARGE = 64L << 20;

  private final WeightStore store;
  private final Rounding rounding;
  private final DType type;
  private final String where;
  private final long large;

  /**
   * Rounds what a store has.
   *
   * @param type what numbers are read as and come back in
   * @param where names the model in messages
   */
  RoundedWeights(WeightStore store, Rounding rounding, DType type, String where) {
    this(store, rounding, type, where, LARGE);
  }

  /**
   * The same with other tables that stay in 16 bits.
   *
   * @param large numbers that these have at least
   */
  RoundedWeights(WeightStore store, Rounding rounding, DType type, String where, long large) {
    this.store = store;
    this.rounding = rounding;
    this.type = type;
    this.where = where;
    this.large = large;
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
    if (shape.length != 2) {
      return Optional.empty();
    }
    if (isTable(name)) {
      return halves(name).map(half -> PlainMatrix.coding(half, shape[0], shape[1]));
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
    if (isTable(name)) {
      return halves(name).map(half -> new PlainMatrix(store.load(name, half)));
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

  /** The 16 bits that a table stays in. */
  private Optional<DType> halves(String name) {
    long[] shape = store.shape(name);
    if (type != DType.FLOAT32 || shape[0] * shape[1] < large) {
      return Optional.empty();
    }
    return store
        .stored(name)
        .map(
            stored ->
                switch (stored.type()) {
                  case "BF16" -> DType.BFLOAT16;
                  case "F16" -> DType.FLOAT16;
                  default -> null;
                });
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
