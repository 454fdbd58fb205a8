/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.weight;

import java.util.List;
import org.tlora.engine.CodedMatrix;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * A weight whose numbers are held in fewer bits, as matrices one below the other, each in codes of
 * its own. A product with many inputs, as in training, brings a band of rows back, multiplies and
 * forgets it, forwards and back; few inputs, as in generation, are multiplied with the codes where
 * there is a kernel for that.
 */
public final class CodedWeight implements Weight {
  /** Bytes of a band: more would leave the cache before they are read, less make slow products. */
  private static final long BAND_BYTES = 16L << 20;

  private final List<CodedMatrix> parts;
  private final long rows;
  private final DType type;

  /**
   * Takes ownership of matrices of equal width.
   *
   * @param parts one below the other
   * @param type what products are asked for in
   */
  public CodedWeight(List<CodedMatrix> parts, DType type) {
    this.parts = List.copyOf(parts);
    this.rows = parts.stream().mapToLong(CodedMatrix::rows).sum();
    this.type = type;
  }

  /** What it is held in, such as {@code Q4_K}, of each part once. */
  public List<String> codes() {
    return parts.stream().map(CodedMatrix::code).distinct().toList();
  }

  @Override
  public long outFeatures() {
    return rows;
  }

  @Override
  public long inFeatures() {
    return parts.get(0).columns();
  }

  @Override
  public DType computeType() {
    return type;
  }

  @Override
  public Device device() {
    return parts.get(0).device();
  }

  @Override
  public long bytes() {
    return parts.stream().mapToLong(CodedMatrix::bytes).sum();
  }

  @Override
  public Tensor product(Tensor x) {
    Tensor few = productOfFew(x);
    if (few != null) {
      return few;
    }
    if (bandRows(x.dtype()) >= rows) {
      try (Scope scope = new Scope()) {
        return scope.keep(x.mm(expanded(0, rows, x.dtype()).t()));
      }
    }
    Tensor y = x.newEmpty(x.dtype(), x.size(0), rows);
    byBands(x.dtype(), (from, band) -> y.narrow(1, from, band.size(0)).copyFrom(x.mm(band.t())));
    return y;
  }

  /** By the parts' kernels; null where one has none. */
  private Tensor productOfFew(Tensor x) {
    if (parts.size() == 1) {
      return parts.get(0).productOfFew(x);
    }
    Tensor y = null;
    long from = 0;
    try (Scope scope = new Scope()) {
      for (CodedMatrix part : parts) {
        Tensor own = part.productOfFew(x);
        if (own == null) {
          return null;
        }
        y = y == null ? x.newEmpty(x.dtype(), x.size(0), rows) : y;
        y.narrow(1, from, part.rows()).copyFrom(own);
        from += part.rows();
      }
      return scope.keep(y);
    }
  }

  @Override
  public Tensor transposedProduct(Tensor dy) {
    try (Scope scope = new Scope()) {
      if (bandRows(dy.dtype()) >= rows) {
        return scope.keep(dy.mm(expanded(0, rows, dy.dtype())));
      }
      // a sum of many bands, which half precision would round each time
      Tensor dx = dy.newZeros(DType.FLOAT32, dy.size(0), inFeatures());
      byBands(
          dy.dtype(),
          (from, band) -> dx.addInPlace(dy.narrow(1, from, band.size(0)).contiguous().mm(band)));
      return scope.keep(dx.to(dy.dtype()));
    }
  }

  private interface Band {
    /** Takes rows {@code from} onwards. */
    void take(long from, Tensor rows);
  }

  private long bandRows(DType in) {
    return Math.max(1, BAND_BYTES / in.bytes() / inFeatures());
  }

  private void byBands(DType in, Band user) {
    long step = bandRows(in);
    for (long from = 0; from < rows; from += step) {
      try (Scope scope = new Scope()) {
        user.take(from, expanded(from, Math.min(step, rows - from), in));
      }
    }
  }

  @Override
  public Tensor rows(long from, long count) {
    return expanded(from, count, type);
  }

  /** Rows of the parts that they lie in, [count, in]. */
  private Tensor expanded(long from, long count, DType in) {
    Tensor all = Tensor.empty(device(), in, count, inFeatures());
    expand(from, all);
    return all;
  }

  private void expand(long from, Tensor all) {
    long start = 0;
    for (CodedMatrix part : parts) {
      long first = Math.max(from, start);
      long end = Math.min(from + all.size(0), start + part.rows());
      if (first < end) {
        try (Tensor own = all.narrow(0, first - from, end - first)) {
          part.expand(first - start, own);
        }
      }
      start += part.rows();
    }
  }

  @Override
  public void close() {
    parts.forEach(CodedMatrix::close);
  }
}
