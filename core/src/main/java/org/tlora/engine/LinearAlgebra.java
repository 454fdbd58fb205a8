/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.pytorch.StringViewOptional;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.global.torch;
import org.tlora.engine.Computation.Decomposition;
import org.tlora.fault.RunFault;

/** Decompositions, in float64 inside. */
public final class LinearAlgebra {
  /** Below this share of the largest one, a singular value from a Gram matrix has lost digits. */
  private static final double GRAM_FLOOR = 1e-5;

  /** The smaller dimension up to which decompositions are exact. */
  private static final long SMALL = 192;

  /** From so many elements on, a matrix is not copied in another type as a whole. */
  private static final long LARGE_ELEMENTS = 1L << 23;

  private LinearAlgebra() {}

  /**
   * Some singular triplets of a matrix, M ≈ U diag(σ) V.
   *
   * @param u [rows, count] float64, orthonormal columns
   * @param sigma [count] float64, the largest first
   * @param v [count, columns] float64, orthonormal rows
   */
  public record Triplets(Tensor u, Tensor sigma, Tensor v) {
    /** The first of them; views, owned by the caller's scope. */
    public Triplets leading(long count) {
      return new Triplets(u.narrow(1, 0, count), sigma.narrow(0, 0, count), v.narrow(0, 0, count));
    }

    /** Hands them on to the scope around one. */
    void keep(Scope scope) {
      scope.keep(u);
      scope.keep(sigma);
      scope.keep(v);
    }
  }

  /**
   * The triplets of the {@code count} largest singular values; owned by the caller's scope. They
   * come from a block Krylov iteration where that converges, from the smaller Gram matrix where its
   * digits suffice, else from a full decomposition.
   */
  public static Triplets leadingTriplets(Tensor m, long count) {
    requireCount(m, count);
    return repeated("leading", m, count, () -> foundLeading(m, count), () -> like(m, count));
  }

  private static Triplets foundLeading(Tensor m, long count) {
    try (Scope scope = new Scope()) {
      Optional<Triplets> found =
          isLarge(m) ? BlockKrylov.leading(List.of(m), (int) count) : Optional.empty();
      return kept(scope, found.orElseGet(() -> exactTriplets(m, count)));
    }
  }

  /**
   * The same without iteration, at the cost of a decomposition of the smaller side's size: from the
   * smaller Gram matrix where its digits suffice, else from a full one.
   */
  public static Triplets exactTriplets(Tensor m, long count) {
    requireCount(m, count);
    try (Scope scope = new Scope()) {
      Tensor m64 = m.to(DType.FLOAT64);
      boolean tall = m.size(1) <= m.size(0);
      Tensor gram = tall ? m64.t().mm(m64) : m64.mm(m64.t());
      Tensor vectors = leadingEigen(gram, count).vectors(); // [count, min(rows, columns)]
      Tensor images = tall ? m64.mm(vectors.t()).t() : vectors.mm(m64); // σ times the others
      Tensor sigma = images.square().sum(1, false).sqrt();
      double[] values = sigma.toDoubles();
      if (!(values[values.length - 1] > GRAM_FLOOR * values[0])) {
        return kept(scope, decompose(m64, 0, count));
      }
      Tensor others = images.div(sigma.unsqueeze(1));
      Tensor u = (tall ? others : vectors).t().contiguous();
      return kept(scope, new Triplets(u, sigma, tall ? vectors : others));
    }
  }

  /** All min(rows, columns) triplets, by a full decomposition; owned by the caller's scope. */
  public static Triplets allTriplets(Tensor m) {
    try (Scope scope = new Scope()) {
      long all = Math.min(m.size(0), m.size(1));
      return kept(scope, decompose(m.to(DType.FLOAT64), 0, all));
    }
  }

  /** The triplets of the {@code count} smallest of min(rows, columns) singular values. */
  public static Triplets trailingTriplets(Tensor m, long count) {
    requireCount(m, count);
    return repeated("trailing", m, count, () -> foundTrailing(m, count), () -> like(m, count));
  }

  private static Triplets foundTrailing(Tensor m, long count) {
    try (Scope scope = new Scope()) {
      long all = Math.min(m.size(0), m.size(1));
      return kept(scope, decompose(m.to(DType.FLOAT64), all - count, count));
    }
  }

  /**
   * The leading triplets by randomised subspace iteration (Halko, Martinsson and Tropp, arXiv
   * 0909.4061): close to {@link #leadingTriplets} where singular values fall off, at a fraction of
   * the cost.
   *
   * @param iterations products with M Mᵀ that sharpen the subspace
   */
  public static Triplets randomisedTriplets(Tensor m, long count, int iterations, Random random) {
    requireCount(m, count);
    try (Scope scope = new Scope()) {
      Tensor m64 = m.to(DType.FLOAT64);
      long width = Math.min(Math.min(m.size(0), m.size(1)), count + 8);
      Tensor probes = random.normal(0, 1, m.size(1), width).to(DType.FLOAT64);
      Tensor q = qr(m64.mm(probes)).q();
      for (int i = 0; i < iterations; i++) {
        q = qr(m64.mm(qr(m64.t().mm(q)).q())).q();
      }
      Triplets inner = decompose(q.t().mm(m64), 0, count);
      return kept(scope, new Triplets(q.mm(inner.u()), inner.sigma(), inner.v()));
    }
  }

  /**
   * All triplets of a product L·R of two thin matrices, which is never formed: with L = Q₁R₁ and Rᵀ
   * = Q₂R₂ they are those of R₁R₂ᵀ, turned. Those beyond the product's rank have σ of rounding's
   * size.
   *
   * @param left [rows, k]
   * @param right [k, columns]
   * @return min(rows, columns, k) of them; owned by the caller's scope
   */
  public static Triplets productTriplets(Tensor left, Tensor right) {
    try (Scope scope = new Scope()) {
      Factors ofLeft = qr(left.to(DType.FLOAT64));
      Factors ofRight = qr(right.to(DType.FLOAT64).t());
      Tensor core = ofLeft.r().mm(ofRight.r().t());
      Triplets inner = decompose(core, 0, Math.min(core.size(0), core.size(1)));
      return kept(
          scope,
          new Triplets(ofLeft.q().mm(inner.u()), inner.sigma(), inner.v().mm(ofRight.q().t())));
    }
  }

  /**
   * Q [rows, k] and R [k, columns] with k = min(rows, columns).
   *
   * @param q orthonormal columns
   * @param r upper triangular
   */
  public record Factors(Tensor q, Tensor r) {}

  /** The QR decomposition, in the element type of {@code m}; owned by the caller's scope. */
  public static Factors qr(Tensor m) {
    computes(Decomposition.Kind.QR, m);
    try (T_TensorTensor_T qr = torch.linalg_qr(m.p)) {
      return new Factors(Tensor.handle(qr.get0()), Tensor.handle(qr.get1()));
    }
  }

  /**
   * An orthonormal basis of what the columns of a tall matrix span, at the speed of matrix
   * products: X R⁻¹ with XᵀX = RᵀR in float64. Orthonormality is lost like the square of the
   * condition number, so a second pass makes it good; where the columns are dependent, a QR
   * decomposition steps in.
   *
   * @return [rows, columns] in the element type of {@code m}; owned by the caller's scope
   */
  static Tensor orthonormalised(Tensor m) {
    try (Scope scope = new Scope()) {
      if (m.isMeta()) {
        Tensor m64 = m.to(DType.FLOAT64);
        Tensor inverse = m64.t().mm(m64);
        return scope.keep(m.mm(inverse.to(m.dtype())));
      }
      Tensor m64 = m.to(DType.FLOAT64);
      try (T_TensorTensor_T cholesky = torch.linalg_cholesky_ex(m64.t().mm(m64).p, true, false)) {
        if (Tensor.handle(cholesky.get1()).item() == 0) {
          Tensor inverse = new Tensor(torch.linalg_inv(cholesky.get0()));
          if (inverse.isFinite()) {
            return scope.keep(m.mm(inverse.to(m.dtype())));
          }
        }
      }
      return scope.keep(qr(m).q());
    }
  }

  /**
   * ‖B A‖ (Frobenius), of which no product is formed that is larger than the factors: with B = Q₁R₁
   * and Aᵀ = Q₂R₂ it is ‖R₁R₂ᵀ‖.
   *
   * @param b [out, rank]
   * @param a [rank, in]
   */
  public static double productNorm(Tensor b, Tensor a) {
    if (a.size() == 0 || b.size() == 0) {
      return 0;
    }
    try (Scope scope = new Scope()) {
      Tensor left = qr(b.to(DType.FLOAT64)).r();
      Tensor right = qr(a.to(DType.FLOAT64).t()).r();
      return left.mm(right.t()).norm();
    }
  }

  /**
   * The inverse.
   *
   * @param m [n, n]
   * @throws org.tlora.fault.RunFault if it has none
   */
  public static Tensor inverse(Tensor m) {
    computes(Decomposition.Kind.INVERSE, m);
    if (m.isMeta()) {
      return m.copy();
    }
    try (T_TensorTensor_T found = torch.linalg_inv_ex(m.p, false)) {
      if (Tensor.handle(found.get1()).item() != 0) {
        throw new RunFault("a matrix of size " + m.size(0) + " has no inverse");
      }
      return Tensor.handle(found.get0());
    }
  }

  /** ‖M · inverse(M) − I‖ (Frobenius) in the element type of {@code m}: how well it inverts. */
  public static double inversionError(Tensor m) {
    computes(Decomposition.Kind.INVERSE, m);
    try (Scope scope = new Scope()) {
      if (m.isMeta()) {
        m.mm(m.copy());
        return 0;
      }
      Tensor product = m.mm(new Tensor(torch.linalg_inv(m.p)));
      Tensor diagonal = product.diagonal();
      diagonal.addInPlace(-1);
      return product.norm();
    }
  }

  private static Triplets decompose(Tensor m64, long from, long count) {
    computes(Decomposition.Kind.SINGULAR, m64);
    try (StringViewOptional driver = new StringViewOptional();
        T_TensorTensorTensor_T svd = torch.linalg_svd(m64.p, false, driver)) {
      return new Triplets(
          Tensor.handle(svd.get0()).narrow(1, from, count),
          Tensor.handle(svd.get1()).narrow(0, from, count),
          Tensor.handle(svd.get2()).narrow(0, from, count));
    }
  }

  /** Layers of a size are decomposed in the same way, where there are sizes alone. */
  private static <T> T repeated(
      String what, Tensor m, long count, Supplier<T> work, Supplier<T> alike) {
    Footprint counting = Scope.counting();
    if (counting == null || !m.isMeta()) {
      return work.get();
    }
    List<Object> sizes = List.of(what, m.dtype(), m.size(0), m.size(1), count);
    return counting.repeated(sizes, work, alike);
  }

  private static Triplets like(Tensor m, long count) {
    return new Triplets(
        m.newEmpty(DType.FLOAT64, m.size(0), count),
        m.newEmpty(DType.FLOAT64, count),
        m.newEmpty(DType.FLOAT64, count, m.size(1)));
  }

  private static void computes(Decomposition.Kind kind, Tensor m) {
    Footprint.computes(() -> new Decomposition(kind, m.size(0), m.size(1)));
  }

  private static Triplets kept(Scope scope, Triplets t) {
    t.keep(scope);
    return t;
  }

  private static void requireCount(Tensor m, long count) {
    if (count > Math.min(m.size(0), m.size(1))) {
      throw new IllegalArgumentException(count + " singular triplets of a matrix " + m);
    }
  }

  /**
   * The leading right singular vectors of W·C, which is never formed where that can be avoided.
   *
   * @param w [rows, columns]
   * @param c [columns, columns], symmetric
   * @param count how many, at most min(rows, columns)
   * @return [count, columns] float32, orthonormal rows, the largest singular value first; owned by
   *     the caller's scope
   */
  public static Tensor rightSingularVectors(Tensor w, Tensor c, long count) {
    requireCount(w, count);
    return repeated(
        "right",
        w,
        count,
        () -> foundRight(w, c, count),
        () -> w.newEmpty(DType.FLOAT32, count, w.size(1)));
  }

  private static Tensor foundRight(Tensor w, Tensor c, long count) {
    try (Scope scope = new Scope()) {
      Optional<Triplets> found =
          isLarge(w) ? BlockKrylov.leading(List.of(w, c), (int) count) : Optional.empty();
      Tensor v = found.isPresent() ? found.get().v() : exactRight(w, c, count);
      return scope.keep(v.to(DType.FLOAT32).contiguous());
    }
  }

  private static Tensor exactRight(Tensor w, Tensor c, long count) {
    if (w.size() <= LARGE_ELEMENTS && c.size() <= LARGE_ELEMENTS) {
      return exactRightVectors(w.to(DType.FLOAT64).mm(c.to(DType.FLOAT64)), count);
    }
    ProcessMemory.trim(); // what an iteration has left that did not converge
    return inBands(w, c, count, LARGE_ELEMENTS);
  }

  /** The same, with so many elements of each matrix in float64 at a time. */
  static Tensor inBands(Tensor w, Tensor c, long count, long elements) {
    return w.size(1) <= w.size(0) ? ofTall(w, c, count, elements) : ofWide(w, c, count, elements);
  }

  /** Of a large W·C: the eigenvectors of C (WᵀW) C, of which only bands of W are in float64. */
  private static Tensor ofTall(Tensor w, Tensor c, long count, long elements) {
    try (Scope scope = new Scope()) {
      Tensor squares = w.newZeros(DType.FLOAT64, w.size(1), w.size(1));
      inBands(w, elements, (from, band) -> squares.addmmInPlace(band.t(), band, 1));
      return scope.keep(leadingEigen(between(squares, c), count).vectors());
    }
  }

  /** C S C in float64; frees S. */
  private static Tensor between(Tensor s, Tensor c) {
    try (Scope scope = new Scope()) {
      Tensor c64 = c.to(DType.FLOAT64);
      Tensor half = c64.mm(s);
      s.close();
      return scope.keep(half.mm(c64));
    }
  }

  /**
   * Of a large W·C with more columns than rows: uᵀW C for the eigenvectors u of (W C)(W C)ᵀ, which
   * is summed over bands of C; it is symmetric, so that its rows are its columns.
   */
  private static Tensor ofWide(Tensor w, Tensor c, long count, long elements) {
    try (Scope scope = new Scope()) {
      Tensor squares = w.newZeros(DType.FLOAT64, w.size(0), w.size(0));
      inBands(
          c,
          elements,
          (from, some) -> {
            Tensor product = w.newZeros(DType.FLOAT64, w.size(0), some.size(0));
            inBands(
                w,
                elements,
                (row, band) -> product.narrow(0, row, band.size(0)).copyFrom(band.mm(some.t())));
            squares.addmmInPlace(product, product.t(), 1);
          });
      Tensor u = leadingEigen(squares, count).vectors();
      Tensor onW = w.newZeros(DType.FLOAT64, count, w.size(1));
      inBands(
          w,
          elements,
          (row, band) -> onW.addmmInPlace(u.narrow(1, row, band.size(0)).contiguous(), band, 1));
      Tensor images = w.newZeros(DType.FLOAT64, count, w.size(1));
      inBands(
          c,
          elements,
          (from, some) -> images.narrow(1, from, some.size(0)).copyFrom(onW.mm(some.t())));
      return scope.keep(orthonormalRows(images));
    }
  }

  /** Some rows of a matrix in float64. */
  private interface Band {
    void of(long from, Tensor rows);
  }

  /** Goes through a matrix's rows: a large one in float64 would take more than all that follows. */
  private static void inBands(Tensor m, long elements, Band each) {
    long step = Math.max(1, elements / m.size(1));
    for (long i = 0; i < m.size(0); i += step) {
      try (Scope band = new Scope()) {
        each.of(i, m.narrow(0, i, Math.min(step, m.size(0) - i)).to(DType.FLOAT64));
      }
    }
  }

  /** Below this an exact decomposition is the faster one. */
  private static boolean isLarge(Tensor m) {
    return Math.min(m.size(0), m.size(1)) > SMALL;
  }

  /**
   * They are found from the smaller of the two Gram matrices: the eigenvectors of MᵀM, or Mᵀu/σ for
   * the eigenvectors u of MMᵀ. Squaring halves the digits, which float64 has to spare for the
   * leading part of a float32 matrix.
   */
  private static Tensor exactRightVectors(Tensor m64, long count) {
    if (m64.size(1) <= m64.size(0)) {
      return leadingEigen(m64.t().mm(m64), count).vectors();
    }
    Tensor u = leadingEigen(m64.mm(m64.t()), count).vectors();
    return orthonormalRows(u.mm(m64));
  }

  /** H^½ and H^−½, both [n, n] float64, owned by the caller's scope. */
  public record Roots(Tensor root, Tensor inverse) {}

  /**
   * The roots of a matrix.
   *
   * @param h [n, n], symmetric and positive definite
   */
  public static Roots roots(Tensor h) {
    try (Scope scope = new Scope()) {
      Eigen all = leadingEigen(h.to(DType.FLOAT64), h.size(0));
      Tensor root = Tensor.ofDoubles(h.device(), all.values(), h.size(0)).sqrt();
      Tensor rows = all.vectors();
      Tensor columns = rows.t();
      return new Roots(
          scope.keep(columns.mul(root).mm(rows)),
          scope.keep(columns.mul(root.reciprocal()).mm(rows)));
    }
  }

  /**
   * Some eigenpairs of a symmetric matrix.
   *
   * @param values the largest first
   * @param vectors [count, n], rows in that order
   */
  record Eigen(double[] values, Tensor vectors) {}

  /** The pairs of the {@code count} largest eigenvalues; owned by the caller's scope. */
  static Eigen leadingEigen(Tensor symmetric, long count) {
    computes(Decomposition.Kind.EIGEN, symmetric);
    try (T_TensorTensor_T result = torch.linalg_eigh(symmetric.p)) {
      Tensor vectors = Tensor.handle(result.get1()); // columns, smallest eigenvalue first
      long n = vectors.size(1);
      double[] ascending = Tensor.handle(result.get0()).toDoubles();
      double[] values = new double[(int) count];
      long[] reversed = new long[(int) count];
      for (int i = 0; i < count; i++) {
        reversed[i] = n - 1 - i;
        values[i] = ascending[(int) n - 1 - i];
      }
      return new Eigen(
          values, vectors.indexSelect(1, Tensor.ofLongs(vectors.device(), reversed, count)).t());
    }
  }

  /**
   * Orthonormal rows that span what the leading rows span, in order. Mᵀu has length σ, which may be
   * zero in a matrix of low rank: a QR decomposition fills such rows up.
   */
  private static Tensor orthonormalRows(Tensor rows) {
    return qr(rows.t()).q().t();
  }
}
