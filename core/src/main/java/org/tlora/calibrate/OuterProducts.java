/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.calibrate;

import java.util.ArrayList;
import java.util.List;
import org.tlora.collective.Collective;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Footprint;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * Σ XᵀX over matrices X, which is symmetric: of a large one only the blocks on and above the
 * diagonal are multiplied. It owns its memory until that is taken.
 */
final class OuterProducts {
  /** Columns of a block: fewer make products slower, more leave less out. */
  private static final long BLOCK = 512;

  private final Tensor sum; // [size, size] float32
  private final long size;
  private final long block;

  /** Zero, on a device. */
  OuterProducts(Device device, long size) {
    this.size = size;
    block = size < 2 * BLOCK ? size : BLOCK;
    sum = Tensor.zeros(device, DType.FLOAT32, size, size).detachFromScope();
    Footprint.mark(Footprint.Part.STATISTICS, sum);
  }

  /** Adds XᵀX for {@code x} [rows, size] float32. */
  void add(Tensor x) {
    if (block == size) {
      sum.addmmInPlace(x.t(), x, 1);
      return;
    }
    try (Scope scope = new Scope()) {
      List<Tensor> columns = new ArrayList<>(); // end to end, as kernels read them fastest
      for (long i = 0; i < size; i += block) {
        columns.add(x.narrow(1, i, width(i)).contiguous());
      }
      for (int i = 0; i < columns.size(); i++) {
        for (int j = i; j < columns.size(); j++) {
          try (Scope one = new Scope()) {
            at(i * block, j * block).addmmInPlace(columns.get(i).t(), columns.get(j), 1);
          }
        }
      }
    }
  }

  /** Adds what all processes have summed, of the blocks that are multiplied. */
  void join(Collective all) {
    try (Scope scope = new Scope()) {
      List<Tensor> blocks = new ArrayList<>();
      for (long i = 0; i < size; i += block) {
        for (long j = i; j < size; j += block) {
          blocks.add(at(i, j));
        }
      }
      all.sum(blocks);
    }
  }

  private long width(long from) {
    return Math.min(block, size - from);
  }

  private Tensor at(long row, long column) {
    return sum.narrow(0, row, width(row)).narrow(1, column, width(column));
  }

  /**
   * The whole sum times a factor, which this owns no more.
   *
   * @return [size, size] float32, owned by the caller
   */
  Tensor take(double factor) {
    for (long i = 0; i < size; i += block) {
      for (long j = i + block; j < size; j += block) {
        try (Scope scope = new Scope()) {
          at(j, i).copyFrom(at(i, j).t());
        }
      }
    }
    return sum.mulInPlace(factor);
  }
}
