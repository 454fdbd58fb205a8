package org.tlora.engine;

import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.global.torch;

/** Decompositions, in float64 inside. */
public final class LinearAlgebra {
  private LinearAlgebra() {}

  /**
   * The leading right singular vectors of M.
   *
   * <p>They are found from the smaller of the two Gram matrices: the eigenvectors of MᵀM, or Mᵀu/σ
   * for the eigenvectors u of MMᵀ. Squaring halves the digits, which float64 has to spare for the
   * leading part of a float32 matrix.
   *
   * @param m [rows, columns]
   * @param count how many, at most min(rows, columns)
   * @return [count, columns] float32, orthonormal rows, the largest singular value first
   */
  public static Tensor rightSingularVectors(Tensor m, long count) {
    long rows = m.size(0);
    long columns = m.size(1);
    if (count > Math.min(rows, columns)) {
      throw new IllegalArgumentException(
          count + " singular vectors of a " + rows + "×" + columns + " matrix");
    }
    try (Scope scope = new Scope()) {
      Tensor m64 = m.to(DType.FLOAT64);
      Tensor v;
      if (columns <= rows) {
        v = leadingEigenvectors(m64.t().mm(m64), count);
      } else {
        Tensor u = leadingEigenvectors(m64.mm(m64.t()), count);
        v = u.mm(m64);
        v = orthonormalRows(v);
      }
      return scope.keep(v.to(DType.FLOAT32).contiguous());
    }
  }

  /** Rows are the eigenvectors of the {@code count} largest eigenvalues of a symmetric matrix. */
  private static Tensor leadingEigenvectors(Tensor symmetric, long count) {
    try (T_TensorTensor_T result = torch.linalg_eigh(symmetric.p)) {
      Tensor vectors = Tensor.handle(result.get1()); // columns, smallest eigenvalue first
      long n = vectors.size(1);
      Tensor leading = vectors.narrow(1, n - count, count);
      long[] reversed = new long[(int) count];
      for (int i = 0; i < count; i++) {
        reversed[i] = count - 1 - i;
      }
      return leading.indexSelect(1, Tensor.ofLongs(reversed, count)).t();
    }
  }

  /**
   * Orthonormal rows that span what the leading rows span, in order. Mᵀu has length σ, which may be
   * zero in a matrix of low rank: a QR decomposition fills such rows up.
   */
  private static Tensor orthonormalRows(Tensor rows) {
    try (T_TensorTensor_T qr = torch.linalg_qr(rows.t().p)) {
      Tensor q = Tensor.handle(qr.get0());
      return q.t();
    }
  }
}
