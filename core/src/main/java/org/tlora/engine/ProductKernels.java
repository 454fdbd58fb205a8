/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.pytorch.global.torch;

/**
 * Which library multiplies matrices in float32, and a few rows in bfloat16: for each shape the one
 * that was faster when it was first needed on this processor. No rule by vendor holds: on one
 * processor oneDNN is 1.4 times as fast as MKL for few rows and slower for many, on another twice
 * as fast for both.
 *
 * <p>What was measured is kept in a file of the user's, so that the next process has the same
 * choices and with them the same bits. One process measures at a time. Where the file cannot be
 * written nothing is measured, and {@link Processor#prefersOneDnn} decides.
 *
 * <p>This is a setting of the process, like the number of threads. Safe for threads.
 */
public final class ProductKernels {
  /** Below that many multiplications the dispatcher's few microseconds count. */
  private static final double LEAST_WORK = 1 << 22;

  /** A few rows times a matrix of that size: what counts is how fast it is read. */
  private static final long LARGE_MATRIX = 1 << 17;

  private static final long FEW_ROWS = 16;

  /** More rows than that behave alike. */
  private static final long MANY_ROWS = 512;

  /** From here on turned products are 1.2 to 2.7 times as fast where oneDNN is. */
  private static final long TURNED_FROM = 8;

  private static final int REPEATS = 3;

  /**
   * For so many rows a product takes as long as its matrix takes to read, which is in no cache when
   * its turn comes in a model: of a matrix that is, another library may be the faster one.
   */
  private static final long ROWS_FROM_MEMORY = 128;

  /** More than caches hold. */
  private static final long BEYOND_CACHES = 64L << 20;

  private static final long MOST_COPIES = 64;

  private static final boolean FAST_BFLOAT16 = Processor.detect().hasFastBfloat16();

  private static final ProductKernels OF_PROCESS =
      new ProductKernels(
          KernelFile.ofUser(),
          Processor.detect().prefersOneDnn() ? ProductKernel.ONEDNN : ProductKernel.BLAS);

  private final KernelFile file; // or null
  private final ProductKernel unmeasured;
  private final Map<String, ProductKernel> chosen = new ConcurrentHashMap<>();

  /**
   * Choices that begin with those of a file.
   *
   * @param file null: nothing is measured
   * @param unmeasured what multiplies then
   */
  ProductKernels(KernelFile file, ProductKernel unmeasured) {
    this.file = file;
    this.unmeasured = unmeasured;
  }

  /** Those of the process. */
  static ProductKernels ofProcess() {
    return OF_PROCESS;
  }

  /** What was chosen so far, by shape: a part of what decides the bits of a run. */
  public static Map<String, String> inUse() {
    Map<String, String> all = new TreeMap<>();
    OF_PROCESS.chosen.forEach((shape, kernel) -> all.put(shape, kernel.label()));
    return all;
  }

  /**
   * Goes on with the choices of an earlier process, whatever has been measured since. They hold for
   * everything that the process computes from here on.
   *
   * @param choices as {@link #inUse} gave them; what is not known here is passed over
   * @return how many shapes had been multiplied in another way by this process before
   */
  public static int use(Map<String, String> choices) {
    int changed = 0;
    for (Map.Entry<String, String> e : choices.entrySet()) {
      Optional<ProductKernel> kernel = ProductKernel.named(e.getValue());
      if (kernel.isPresent()) {
        ProductKernel before = OF_PROCESS.chosen.put(e.getKey(), kernel.get());
        changed += before != null && before != kernel.get() ? 1 : 0;
      }
    }
    return changed;
  }

  /** a·b for a [n, k] and b [k, m]. */
  Tensor product(Tensor a, Tensor b) {
    Factors f = Factors.of(a, b);
    return of(f).product(f);
  }

  /** What multiplies the two. */
  ProductKernel of(Factors f) {
    if (!isWorthIt(f) || !f.areDense() || !isMeasured(f)) {
      return ProductKernel.BLAS;
    }
    String shape = shape(f);
    ProductKernel kernel = chosen.get(shape);
    if (kernel == null) {
      kernel = choose(shape, f);
    }
    return kernel.orSimpler(f); // it may be the choice of another shape in the same step
  }

  private static boolean isWorthIt(Factors f) {
    return f.work() >= LEAST_WORK || (f.n() <= FEW_ROWS && f.k() * f.m() >= LARGE_MATRIX);
  }

  /** For many rows in bfloat16 libtorch takes oneDNN itself. */
  private static boolean isMeasured(Factors f) {
    DType type = f.a().dtype();
    boolean few = type == DType.BFLOAT16 && f.n() <= FEW_ROWS && FAST_BFLOAT16;
    return f.a().p.is_cpu() && f.b().dtype() == type && (type == DType.FLOAT32 || few);
  }

  private synchronized ProductKernel choose(String shape, Factors f) {
    ProductKernel known = chosen.get(shape);
    if (known != null) {
      return known;
    }
    if (Thread.currentThread().isInterrupted()) { // which would close the file
      return unmeasured(f);
    }
    Optional<ProductKernel> measured =
        file == null ? Optional.empty() : file.find(shape, () -> fastest(f));
    ProductKernel found = measured.orElseGet(() -> unmeasured(f));
    chosen.put(shape, found);
    return found;
  }

  /** Some rows are multiplied faster the other way round wherever oneDNN multiplies. */
  private ProductKernel unmeasured(Factors f) {
    if (f.a().dtype() != DType.FLOAT32) {
      return ProductKernel.BLAS;
    }
    boolean turn = unmeasured == ProductKernel.ONEDNN && f.n() >= TURNED_FROM;
    return (turn ? ProductKernel.ONEDNN_TURNED : unmeasured).orSimpler(f);
  }

  /**
   * A shape as products of about the same one share it: sizes are those of the next smaller step of
   * half an octave, since tokens change from batch to batch.
   */
  private static String shape(Factors f) {
    boolean rows = f.ofA() == Computation.Lie.ROWS;
    long n = step(rows ? Math.min(MANY_ROWS, f.n()) : f.n());
    return (f.a().dtype() == DType.FLOAT32 ? "" : "b")
        + n
        + (rows ? "x" : "t")
        + step(f.k())
        + (f.ofB() == Computation.Lie.ROWS ? "x" : "t")
        + step(f.m())
        + "/"
        + torch.get_num_threads();
  }

  private static long step(long size) {
    long octave = Long.highestOneBit(size);
    return size >= octave + octave / 2 ? octave + octave / 2 : octave;
  }

  /** The fastest of all, each once to warm up and then the best of a few. */
  private static ProductKernel fastest(Factors all) {
    try (Scope scope = new Scope()) {
      List<Factors> measured = measured(all);
      ProductKernel best = ProductKernel.BLAS;
      long least = Long.MAX_VALUE;
      for (ProductKernel kernel : ProductKernel.values()) {
        long nanos = kernel.fits(all) ? nanos(kernel, measured) : least;
        if (nanos < least) {
          least = nanos;
          best = kernel;
        }
      }
      return best;
    }
  }

  /**
   * What is timed for a shape: many rows alone, few with so many copies of the right factor that
   * none stays in a cache.
   */
  private static List<Factors> measured(Factors f) {
    if (f.n() > ROWS_FROM_MEMORY) {
      boolean cut = f.ofA() == Computation.Lie.ROWS && f.n() > MANY_ROWS;
      return List.of(cut ? f.withRows(MANY_ROWS) : f);
    }
    long copies = Math.min(MOST_COPIES, BEYOND_CACHES / (f.k() * f.m() * f.b().dtype().bytes()));
    List<Factors> all = new ArrayList<>(List.of(f));
    for (long i = 1; i < copies; i++) {
      all.add(f.withRight(f.b().copy())); // which lies as b does
    }
    return all;
  }

  private static long nanos(ProductKernel kernel, List<Factors> all) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i <= REPEATS; i++) {
      long start = System.nanoTime();
      for (Factors f : all) {
        kernel.product(f).close();
      }
      if (i > 0) {
        least = Math.min(least, System.nanoTime() - start);
      }
    }
    return least;
  }
}
