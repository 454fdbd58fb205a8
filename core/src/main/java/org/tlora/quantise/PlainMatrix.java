/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise;

import org.tlora.engine.CodedMatrix;
import org.tlora.engine.Coding;
import org.tlora.engine.DType;
import org.tlora.engine.Tensor;

/** Numbers as they are, where a matrix that is not coded stands beside those that are. */
public final class PlainMatrix implements CodedMatrix {
  private final Tensor values;

  /**
   * Takes ownership of numbers.
   *
   * @param values [rows, columns]
   */
  public PlainMatrix(Tensor values) {
    this.values = values.detachFromScope();
  }

  /** What a matrix of this type would be. */
  public static Coding coding(DType type, long rows, long columns) {
    return new Coding(code(type), rows * columns * type.bytes());
  }

  private static String code(DType type) {
    return type == DType.FLOAT32 ? "float32" : "16 bits";
  }

  @Override
  public String code() {
    return code(values.dtype());
  }

  @Override
  public long rows() {
    return values.size(0);
  }

  @Override
  public long columns() {
    return values.size(1);
  }

  @Override
  public long bytes() {
    return values.size() * values.dtype().bytes();
  }

  @Override
  public void expand(long from, Tensor into) {
    try (Tensor rows = values.narrow(0, from, into.size(0))) {
      into.copyFrom(rows);
    }
  }

  @Override
  public boolean isFinite() {
    return values.isFinite();
  }

  @Override
  public void close() {
    values.close();
  }
}
