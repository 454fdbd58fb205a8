package org.tlora.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.tlora.engine.LinearAlgebra.Triplets;

/**
 * Leading singular triplets of a matrix that is only applied to blocks of vectors, by block Krylov
 * iteration with full reorthogonalisation (Musco and Musco, arXiv 1504.05477), in float64.
 *
 * <p>It stops by residuals, not by a number of iterations: when the energy that the triplets
 * capture is within 1e-4 of the optimum and, where the gap at the cut is more than 1 % (below that
 * the subspace is not determined well by anything), the subspace within 5e-4 by Wedin's bound.
 * Where that takes so many blocks that an exact decomposition is cheaper, it gives up.
 */
final class BlockKrylov {
  private static final double ENERGY_TOLERANCE = 1e-4;
  private static final double SUBSPACE_TOLERANCE = 5e-4;
  private static final double DETERMINED_GAP = 1e-2;
  private static final double ORTHONORMALITY = 1e-8;
  private static final int MOST_BLOCKS = 12;
  private static final long SEED = 0x5EED;

  /** A matrix [rows, columns] as a map. */
  interface Map {
    /** M x for x [columns, n] float64; owned by the caller's scope. */
    Tensor apply(Tensor x);

    /** Mᵀ y for y [rows, n] float64; owned by the caller's scope. */
    Tensor applyTransposed(Tensor y);
  }

  private final Map map;
  private final long columns;
  private final long count;
  private final long width;
  private final long mostColumns;
  private final List<Tensor> basis = new ArrayList<>(); // X_j [columns, width], orthonormal
  private final List<Tensor> images = new ArrayList<>(); // M X_j
  private final List<Tensor> returned = new ArrayList<>(); // Mᵀ M X_j

  private BlockKrylov(Map map, long rows, long columns, long count) {
    this.map = map;
    this.columns = columns;
    this.count = count;
    this.width = count + Math.max(8, count / 8);
    this.mostColumns = Math.min(rows, columns) / 2;
  }

  /**
   * The {@code count} leading triplets; owned by the caller's scope.
   *
   * @return nothing if an exact decomposition is the better way
   */
  static Optional<Triplets> leading(Map map, long rows, long columns, long count) {
    BlockKrylov krylov = new BlockKrylov(map, rows, columns, count);
    if (2 * krylov.width > krylov.mostColumns) {
      return Optional.empty();
    }
    try (Scope scope = new Scope()) {
      Optional<Triplets> found = krylov.run();
      found.ifPresent(
          t -> {
            scope.keep(t.u());
            scope.keep(t.sigma());
            scope.keep(t.v());
          });
      return found;
    }
  }

  private Optional<Triplets> run() {
    Tensor block;
    try (Random random = new Random(SEED)) {
      Tensor probes = random.normal(0, 1, columns, width).to(DType.FLOAT64);
      // the first product already turns the probes towards the leading directions
      block = LinearAlgebra.qr(map.applyTransposed(map.apply(probes))).q();
    }
    while (basis.size() < MOST_BLOCKS && (basis.size() + 1) * width <= mostColumns) {
      basis.add(block);
      images.add(map.apply(block));
      returned.add(map.applyTransposed(images.get(images.size() - 1)));
      if (basis.size() > 1) {
        Triplets found = converged();
        if (found != null) {
          return Optional.of(found);
        }
      }
      block = orthonormal(returned.get(returned.size() - 1));
    }
    return Optional.empty();
  }

  /** An orthonormal basis of what {@code next} has outside the basis so far. */
  private Tensor orthonormal(Tensor next) {
    Tensor all = Tensor.cat(basis, 1);
    Tensor q = next;
    for (int pass = 0; pass < 2; pass++) {
      q = LinearAlgebra.qr(q.sub(all.mm(all.t().mm(q)))).q();
    }
    return q;
  }

  /** Rayleigh–Ritz over all blocks; null if the triplets are not good enough yet. */
  private Triplets converged() {
    Tensor mk = Tensor.cat(images, 1);
    LinearAlgebra.Eigen eigen = LinearAlgebra.leadingEigen(mk.t().mm(mk), count + 1);
    double[] sigma =
        IntStream.range(0, (int) count + 1)
            .mapToDouble(i -> Math.sqrt(Math.max(0, eigen.values()[i])))
            .toArray();
    if (!(sigma[(int) count - 1] > 0)) {
      return null; // the matrix has fewer dimensions than that: for the exact way
    }
    Tensor z = eigen.vectors().narrow(0, 0, count).t(); // [basis columns, count]
    Tensor values = Tensor.ofDoubles(java.util.Arrays.copyOf(sigma, (int) count), count);
    Tensor v = Tensor.cat(basis, 1).mm(z);
    Tensor u = mk.mm(z).div(values);
    Tensor residuals = Tensor.cat(returned, 1).mm(z).div(values).sub(v.mul(values));
    double[] norms = residuals.square().sum(0, false).sqrt().toDoubles();
    Tensor unit = v.t().mm(v);
    unit.diagonal().addInPlace(-1);
    boolean good = isGood(sigma, norms) && unit.norm64() < ORTHONORMALITY;
    return good ? new Triplets(u, values, v.t().contiguous()) : null;
  }

  private boolean isGood(double[] sigma, double[] residuals) {
    double energy = 0;
    double missing = 0;
    double squares = 0;
    for (int i = 0; i < count; i++) {
      energy += sigma[i] * sigma[i];
      // |σ_true − σ_i| is at most the residual, so σ² is off by no more than this
      missing += residuals[i] * (2 * sigma[i] + residuals[i]);
      squares += residuals[i] * residuals[i];
    }
    if (missing > ENERGY_TOLERANCE * energy) {
      return false;
    }
    double last = sigma[(int) count - 1];
    double gap = last - sigma[(int) count];
    boolean determined = gap + residuals[(int) count - 1] > DETERMINED_GAP * last;
    return !determined || Math.sqrt(squares) <= SUBSPACE_TOLERANCE * gap;
  }
}
