/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.tlora.engine.LinearAlgebra.Triplets;

/**
 * Leading singular triplets of a matrix that is only applied to blocks of vectors, by block Krylov
 * iteration with full reorthogonalisation (Musco and Musco, arXiv 1504.05477).
 *
 * <p>It stops by residuals, not by a number of iterations: when the energy that the triplets
 * capture is within 1e-4 of the optimum and, where the gap at the cut is more than 1 % (below that
 * the subspace is not determined well by anything), the subspace within 5e-4 by Wedin's bound.
 * Where that takes so many blocks that an exact decomposition is cheaper, it gives up.
 *
 * <p>Large matrices are iterated on in float32 as far as its digits go. What that found is applied
 * once in float64. Corrections to it are small, so that products with them need float32 only: as in
 * iterative refinement, their rounding is scaled down by the size of the correction.
 */
final class BlockKrylov {
  private static final double ENERGY_TOLERANCE = 1e-4;
  private static final double SUBSPACE_TOLERANCE = 5e-4;
  private static final double DETERMINED_GAP = 1e-2;
  private static final double ORTHONORMALITY = 1e-8;
  private static final int MOST_BLOCKS = 24;

  /** MKL's float64 products are up to twice as fast for blocks of whole kernels. */
  private static final long KERNEL_COLUMNS = 12;

  private static final long SEED = 0x5EED;

  /** Blocks after which most layers' triplets have been found, where there is none to look at. */
  private static final int USUAL_BLOCKS = 4;

  /** A float32 product's rounding, in units of the largest singular value. */
  private static final double SINGLE_ROUNDING = 3e-6;

  private final ProductMap map;
  private final int count;
  private final long width;
  private final long mostColumns;
  private final boolean large;

  private BlockKrylov(ProductMap map, int count) {
    this.map = map;
    this.count = count;
    long wanted = count + Math.max(8L, count / 8);
    this.width = (wanted + KERNEL_COLUMNS - 1) / KERNEL_COLUMNS * KERNEL_COLUMNS;
    this.mostColumns = Math.min(map.rows(), map.columns()) / 2;
    this.large = map.isLarge();
  }

  /**
   * The {@code count} leading triplets of a product of matrices; owned by the caller's scope.
   *
   * @return nothing if an exact decomposition is the better way
   */
  static Optional<Triplets> leading(List<Tensor> factors, int count) {
    try (Scope scope = new Scope();
        ProductMap map = new ProductMap(factors)) {
      BlockKrylov krylov = new BlockKrylov(map, count);
      if (2 * krylov.width > krylov.mostColumns) {
        return Optional.empty();
      }
      Optional<Triplets> found = krylov.find();
      found.ifPresent(t -> t.keep(scope));
      return found;
    }
  }

  private Optional<Triplets> find() {
    Tensor block;
    try (Random random = new Random(map.device(), SEED)) {
      block = random.normal(0, 1, map.columns(), width);
    }
    if (large) {
      block = approximately(block).to(DType.FLOAT64);
    } else {
      // the first product already turns the probes towards the leading directions
      block = map.applyTransposed(map.apply(block.to(DType.FLOAT64)));
    }
    block = LinearAlgebra.qr(block).q();
    Basis basis = new Basis(DType.FLOAT64);
    int next = 1;
    Ritz before = null;
    while (basis.hasRoom()) {
      try (Scope step = new Scope()) { // each leaves as much as the basis itself
        boolean single = large && before != null && before.allowsSingleCorrections();
        basis.extend(block, single ? DType.FLOAT32 : DType.FLOAT64, step);
        if (basis.blocks() >= next) {
          Ritz now = basis.ritz();
          if (now != null && (block.isMeta() ? basis.blocks() == USUAL_BLOCKS : now.isGood())) {
            Optional<Triplets> triplets = now.triplets();
            if (triplets.isPresent()) {
              triplets.get().keep(step);
              return triplets;
            }
          }
          next = basis.blocks() + blocksToGo(before, now, 0);
          before = now;
        }
        block = step.keep(basis.orthonormal());
      }
      freed();
    }
    return Optional.empty();
  }

  /** A block [columns, width] whose first columns are near the leading ones, by float32 alone. */
  private Tensor approximately(Tensor probes) {
    try (Scope all = new Scope()) {
      Basis basis = new Basis(DType.FLOAT32);
      Tensor block = LinearAlgebra.qr(map.applyTransposed(map.apply(probes))).q();
      int next = 2;
      Ritz before = null;
      while (basis.hasRoom()) {
        try (Scope step = new Scope()) {
          basis.extend(block, DType.FLOAT32, step);
          if (basis.blocks() >= next) {
            Ritz now = basis.ritz();
            if (block.isMeta() && basis.blocks() == USUAL_BLOCKS) {
              return all.keep(step.keep(now.v()));
            }
            if (now == null || now.isGood() || now.residual() <= SINGLE_ROUNDING * now.sigma()[0]) {
              return all.keep(now == null ? block : step.keep(now.v()));
            }
            next = basis.blocks() + blocksToGo(before, now, SINGLE_ROUNDING * now.sigma()[0]);
            before = now;
          }
          block = step.keep(basis.orthonormal());
        }
        freed();
      }
      return all.keep(block);
    }
  }

  /** What a step has left goes back: of the next one everything is of another size. */
  private void freed() {
    if (map.isHuge()) {
      ProcessMemory.trim();
    }
  }

  /**
   * When to look next: looking costs as much as a block or two, and residuals fall by much the same
   * factor from block to block.
   */
  private static int blocksToGo(Ritz before, Ritz now, double floor) {
    if (before == null || now == null || !(now.residual() < before.residual())) {
      return 1;
    }
    double rate = Math.log(now.residual() / before.residual());
    double wanted = Math.log(Math.max(floor, now.tolerance()) / now.residual());
    return (int) Math.max(1, Math.min(4, Math.floor(wanted / rate)));
  }

  /** Blocks X_j [columns, width] that are orthonormal, with M X_j and Mᵀ M X_j. */
  private final class Basis {
    private final DType type;
    private final List<Tensor> vectors = new ArrayList<>();
    private final List<Tensor> images = new ArrayList<>();
    private final List<Tensor> returned = new ArrayList<>();
    private long exactColumns; // those of the first blocks, up to one by float32 products

    Basis(DType type) {
      this.type = type;
    }

    int blocks() {
      return vectors.size();
    }

    boolean hasRoom() {
      return blocks() < MOST_BLOCKS && (blocks() + 1) * width <= mostColumns;
    }

    /**
     * Takes one more.
     *
     * @param block lives as long as the basis
     * @param step of which what comes of it is kept
     */
    void extend(Tensor block, DType products, Scope step) {
      Tensor x = block.to(products);
      Tensor image = map.apply(x);
      vectors.add(block);
      images.add(step.keep(image.to(type)));
      returned.add(step.keep(map.applyTransposed(image).to(type)));
      if (products == DType.FLOAT64 && exactColumns == (blocks() - 1) * width) {
        exactColumns += width;
      }
    }

    /** An orthonormal basis of what the last product has outside the basis so far. */
    Tensor orthonormal() {
      try (Scope scope = new Scope()) {
        Tensor all = Tensor.cat(vectors, 1);
        Tensor q = returned.get(blocks() - 1);
        for (int pass = 0; pass < 2; pass++) {
          q = LinearAlgebra.orthonormalised(q.sub(all.mm(all.t().mm(q))));
        }
        return scope.keep(q);
      }
    }

    /** Some blocks beside each other times a matrix; the copy of them goes at once. */
    private static Tensor times(List<Tensor> blocks, Tensor m) {
      try (Scope scope = new Scope()) {
        return scope.keep(Tensor.cat(blocks, 1).mm(m));
      }
    }

    /** Rayleigh–Ritz over all blocks; null if the matrix has fewer dimensions than wanted. */
    Ritz ritz() {
      Tensor mk = Tensor.cat(images, 1);
      Tensor mk64 = mk.to(DType.FLOAT64);
      LinearAlgebra.Eigen eigen = LinearAlgebra.leadingEigen(mk64.t().mm(mk64), width);
      double[] sigma = Arrays.stream(eigen.values()).map(e -> Math.sqrt(Math.max(0, e))).toArray();
      if (!(sigma[count - 1] > 0)) {
        return null;
      }
      Tensor z = eigen.vectors().t().to(type).contiguous(); // [basis columns, width]
      Tensor leading = z.narrow(1, 0, count).contiguous();
      Tensor values = Tensor.ofDoubles(mk.device(), Arrays.copyOf(sigma, count), count).to(type);
      Tensor v = times(vectors, z);
      Tensor u = mk.mm(leading).div(values);
      Tensor back = times(returned, leading).div(values);
      Tensor off = back.sub(v.narrow(1, 0, count).mul(values));
      double[] residuals = off.square().sum(0, false).sqrt().toDoubles();
      if (exactColumns > 0 && exactColumns < leading.size(0)) {
        Tensor rest = leading.narrow(0, exactColumns, leading.size(0) - exactColumns);
        double[] corrections = rest.square().sum(0, false).sqrt().toDoubles();
        for (int i = 0; i < count; i++) {
          residuals[i] += SINGLE_ROUNDING * sigma[0] * corrections[i];
        }
      }
      return new Ritz(sigma, v, u, residuals, count);
    }
  }

  /**
   * What a basis holds of the leading triplets.
   *
   * @param sigma more than count values
   * @param v [columns, width]; the first count are the triplets'
   * @param u [rows, count]
   * @param residuals ‖Mᵀu − σv‖ of each triplet
   */
  private record Ritz(double[] sigma, Tensor v, Tensor u, double[] residuals, int count) {
    double residual() {
      return Math.sqrt(Arrays.stream(residuals).map(r -> r * r).sum());
    }

    private double gap() {
      return sigma[count - 1] - sigma[count];
    }

    private boolean isDetermined() {
      return gap() + residuals[count - 1] > DETERMINED_GAP * sigma[count - 1];
    }

    /** What the residual should be below, about. */
    double tolerance() {
      double energy = Arrays.stream(sigma).limit(count).map(s -> s * s).sum();
      double byEnergy = ENERGY_TOLERANCE * Math.sqrt(energy) / 2;
      return isDetermined()
          ? Math.min(byEnergy, SUBSPACE_TOLERANCE * Math.max(gap(), DETERMINED_GAP * sigma[count]))
          : byEnergy;
    }

    /** Whether float32's rounding in a correction of the size that is needed does not matter. */
    boolean allowsSingleCorrections() {
      double angle = Math.min(1, residual() / Math.max(gap(), DETERMINED_GAP * sigma[count]));
      return SINGLE_ROUNDING * sigma[0] * angle < tolerance() / 2;
    }

    boolean isGood() {
      double energy = 0;
      double missing = 0;
      for (int i = 0; i < count; i++) {
        energy += sigma[i] * sigma[i];
        // |σ_true − σ_i| is at most the residual, so σ² is off by no more than this
        missing += residuals[i] * (2 * sigma[i] + residuals[i]);
      }
      return missing <= ENERGY_TOLERANCE * energy
          && (!isDetermined() || residual() <= SUBSPACE_TOLERANCE * gap());
    }

    /** The triplets, unless their vectors have lost orthonormality. */
    Optional<Triplets> triplets() {
      Tensor right = v.narrow(1, 0, count);
      Tensor unit = right.t().mm(right);
      unit.diagonal().addInPlace(-1);
      return unit.isMeta() || unit.norm64() < ORTHONORMALITY
          ? Optional.of(
              new Triplets(
                  u,
                  Tensor.ofDoubles(u.device(), Arrays.copyOf(sigma, count), count),
                  right.t().contiguous()))
          : Optional.empty();
    }
  }
}
