/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import java.util.Optional;
import java.util.Set;
import org.tlora.engine.CodedMatrix;
import org.tlora.engine.Coding;
import org.tlora.engine.Computation;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Footprint;
import org.tlora.engine.ProcessMemory;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;
import org.tlora.quantise.AtOnce;

/**
 * A store's tensors on the meta device: shapes, and how many bytes there would be. Nothing is read.
 *
 * @param store in the form that is wanted
 * @param stored what plain numbers are in the files
 */
record RehearsedWeights(WeightStore store, DType stored) implements WeightStore {
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
      long[] shape = store.shape(name);
      boolean plain = !store.isCoded(name);
      Tensor read = Tensor.empty(device(), plain ? stored : type, shape);
      return scope.keep(read.to(type));
    }
  }

  @Override
  public Tensor loadRows(String name, long from, long count, DType type) {
    return Tensor.empty(device(), type, count, store.shape(name)[1]);
  }

  @Override
  public Optional<Coding> coding(String name) {
    return store.coding(name);
  }

  @Override
  public Optional<CodedMatrix> coded(String name) {
    long[] shape = store.shape(name);
    Optional<CodedMatrix> codes = store.coding(name).map(c -> new Matrix(c, shape[0], shape[1]));
    if (store.rounds() && codes.isPresent()) {
      long some = Math.min(shape[0] * shape[1], AtOnce.ROUNDED);
      Tensor.empty(device(), DType.FLOAT32, some).close();
      ProcessMemory.trim();
    }
    return codes;
  }

  @Override
  public boolean rounds() {
    return store.rounds();
  }

  @Override
  public Device device() {
    return Device.META;
  }

  /** The files are the model's. */
  @Override
  public void close() {}

  /** Codes of which there is only the memory that they take. */
  private static final class Matrix implements CodedMatrix {
    private final Coding coding;
    private final long rows;
    private final long columns;
    private final Tensor codes;

    Matrix(Coding coding, long rows, long columns) {
      this.coding = coding;
      this.rows = rows;
      this.columns = columns;
      codes = Tensor.empty(Device.META, DType.UINT8, coding.bytes()).detachFromScope();
    }

    @Override
    public String code() {
      return coding.code();
    }

    @Override
    public long rows() {
      return rows;
    }

    @Override
    public long columns() {
      return columns;
    }

    @Override
    public Device device() {
      return Device.META;
    }

    @Override
    public long bytes() {
      return coding.bytes();
    }

    @Override
    public void expand(long from, Tensor into) {
      long count = into.size(0);
      DType type = into.dtype();
      Footprint.computes(() -> new Computation.Expansion(code(), count, columns, type));
      if (type != DType.FLOAT32) {
        long some = Math.min(count, Math.max(1, AtOnce.EXPANDED / columns));
        into.newEmpty(DType.FLOAT32, some, columns).close();
      }
    }

    @Override
    public boolean isFinite() {
      return true;
    }

    @Override
    public void close() {
      codes.close();
    }
  }
}
