/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.tlora.engine.Computation.BatchedProduct;
import org.tlora.engine.Computation.Decomposition;
import org.tlora.engine.Computation.Expansion;
import org.tlora.engine.Computation.Lie;
import org.tlora.engine.Computation.Product;
import org.tlora.engine.Computation.RowAttention;

/**
 * How long computations take on this machine: each kind is measured once, on the sizes that are
 * asked for or, where these are large, on smaller ones. It is what the machine does when it is
 * measured: other work beside makes it slower. Not safe for threads.
 */
public final class Speed {
  private static final int WARM = 3;

  private static final int LEAST = 5;
  private static final int MOST = 100;
  private static final double ENOUGH = 0.15; // seconds
  private static final double LONG = 0.5; // beyond which nothing is measured again

  /** Java's compilers take processors for some seconds after a start. */
  private static final double LONGEST_SETTLING = 6;

  private static final long SETTLING_MILLIS = 100;
  private static final double BUSY = 0.1; // of that

  /** Loops of Java are as fast as they get once so many passes were not faster, or it took long. */
  private static final int STEADY = 20;

  private static final double FASTER = 0.8;
  private static final double LONGEST = 10;

  /** Rows of inputs beyond which products take as long for each. */
  private static final long ROWS = 512;

  private static final long INNER = 2048;
  private static final long COLUMNS = 4096;

  /** So few rows are multiplied as fast as the matrix is read, which is in no cache. */
  private static final long FEW_ROWS = 16;

  private static final long BEYOND_CACHES = 64L << 20;
  private static final int MOST_COPIES = 32;

  private static final long DECOMPOSED = 256;

  /** Numbers of a tensor that is passed over. */
  private static final long PASSED = 4L << 20;

  /**
   * So many of them are touched before anything is measured: memory that was never used has yet to
   * be found by the system, which in virtual machines takes twenty times as long as to write it. A
   * run waits for that at its beginning alone.
   */
  private static final int TOUCHED = 24;

  private final Function<String, CodedMatrix> codes;
  private final Map<Computation, Double> measured = new HashMap<>();
  private boolean isSettled;
  private double perNewByte;
  private double perByte;
  private double perHandle;

  /**
   * Nothing is measured yet.
   *
   * @param codes gives a matrix held in a code, by the code's name; it is closed here
   */
  public Speed(Function<String, CodedMatrix> codes) {
    this.codes = codes;
  }

  /** Seconds until the system has found memory that was not used before. */
  public double secondsToFind(long bytes) {
    settle();
    return bytes * perNewByte;
  }

  /** Seconds that work takes, with memory that was used before. */
  public double seconds(Footprint.Work work) {
    settle();
    double sum = work.written() * perByte() + work.handles() * perHandle();
    for (Map.Entry<Computation, Long> e : work.computed().entrySet()) {
      sum += e.getValue() * seconds(e.getKey());
    }
    return sum;
  }

  private double seconds(Computation wanted) {
    Computation like = like(wanted);
    Double known = measured.get(like);
    if (known == null) {
      known = measure(like);
      measured.put(like, known);
    }
    return known * wanted.work() / like.work();
  }

  /** What stands for computations of a kind: of the same sizes but for those that are large. */
  private static Computation like(Computation c) {
    if (c instanceof Product p) {
      long inner = p.a() == Lie.ROWS ? INNER : ROWS; // else it is rows of inputs
      return new Product(
          p.type(),
          Math.min(p.n(), ROWS),
          Math.min(p.k(), inner),
          Math.min(p.m(), COLUMNS),
          p.a(),
          p.b());
    }
    if (c instanceof BatchedProduct p) {
      return new BatchedProduct(
          p.type(),
          Math.min(p.batch(), 16),
          Math.min(p.n(), ROWS),
          Math.min(p.k(), ROWS),
          Math.min(p.m(), ROWS));
    }
    if (c instanceof RowAttention a) {
      long queries = rounded(a.queries());
      long keys = a.queries() == a.keys() ? queries : rounded(a.keys());
      return new RowAttention(
          a.type(), a.heads(), a.keyHeads(), a.size(), queries, keys, a.causal(), a.back());
    }
    if (c instanceof Decomposition d) {
      return new Decomposition(
          d.kind(), Math.min(d.rows(), 2 * DECOMPOSED), Math.min(d.columns(), DECOMPOSED));
    }
    Expansion e = (Expansion) c;
    return new Expansion(e.code(), 1, 1, e.into());
  }

  private static long rounded(long tokens) {
    return Math.max(16, Math.min(tokens, ROWS) / 32 * 32);
  }

  private double measure(Computation c) {
    try (Scope scope = new Scope()) {
      if (c instanceof Product p) {
        return product(p);
      }
      if (c instanceof BatchedProduct p) {
        Tensor a = filled(p.type(), p.batch(), p.n(), p.k());
        Tensor b = filled(p.type(), p.batch(), p.k(), p.m());
        return typical(() -> a.bmm(b));
      }
      if (c instanceof RowAttention a) {
        return attention(a);
      }
      if (c instanceof Decomposition d) {
        return decomposition(d);
      }
      return expansion((Expansion) c);
    }
  }

  private static double product(Product p) {
    Tensor a = laid(p.type(), p.n(), p.k(), p.a());
    long bytes = p.k() * p.m() * p.type().bytes();
    long copies = p.n() > FEW_ROWS ? 1 : Math.min(MOST_COPIES, 1 + BEYOND_CACHES / bytes);
    List<Tensor> all = new ArrayList<>();
    for (long i = 0; i < copies; i++) {
      all.add(laid(p.type(), p.k(), p.m(), p.b()));
    }
    return typical(() -> all.forEach(a::mm)) / copies;
  }

  private static Tensor laid(DType type, long rows, long columns, Lie lie) {
    return switch (lie) {
      case ROWS -> filled(type, rows, columns);
      case COLUMNS -> filled(type, columns, rows).t();
      case GAPS -> filled(type, rows, 2 * columns).narrow(1, 0, columns);
    };
  }

  private static Tensor filled(DType type, long... shape) {
    return Tensor.empty(Device.CPU, type, shape).fillInPlace(0.5);
  }

  private static double attention(RowAttention a) {
    Attention kernel = new Attention();
    Tensor q = filled(a.type(), a.heads(), a.queries(), a.size());
    Tensor k = filled(a.type(), a.keyHeads(), a.keys(), a.size());
    double scale = 1 / Math.sqrt((double) a.size());
    if (!a.back()) {
      return typical(() -> kernel.forward(q, k, k, a.causal(), null, scale));
    }
    Attention.Result result = kernel.forward(q, k, k, a.causal(), null, scale);
    return typical(() -> kernel.backward(q, q, k, k, result, a.causal(), null, scale));
  }

  private static double decomposition(Decomposition d) {
    try (Random random = new Random(Device.CPU, 1)) {
      Tensor m = random.normal(0, 1, d.rows(), d.columns()).to(DType.FLOAT64);
      Tensor square = m.t().mm(m);
      return switch (d.kind()) {
        case QR -> typical(() -> LinearAlgebra.qr(m));
        case EIGEN -> typical(() -> LinearAlgebra.leadingEigen(square, 1));
        case SINGULAR -> typical(() -> LinearAlgebra.trailingTriplets(m, 1));
        case INVERSE -> typical(() -> LinearAlgebra.inversionError(square));
      };
    }
  }

  /** That of a number. */
  private double expansion(Expansion e) {
    try (CodedMatrix matrix = codes.apply(e.code())) {
      Tensor into = filled(e.into(), matrix.rows(), matrix.columns());
      Runnable expand = () -> matrix.expand(0, into);
      compile(expand);
      return typical(expand) / ((double) matrix.rows() * matrix.columns());
    }
  }

  /** Does it until Java has compiled it, which it does beside. */
  private static void compile(Runnable work) {
    long start = System.nanoTime();
    double best = Double.POSITIVE_INFINITY;
    long before = start;
    for (int same = 0; same < STEADY && (before - start) / 1e9 < LONGEST; same++) {
      work.run();
      long now = System.nanoTime();
      double seconds = (now - before) / 1e9;
      before = now;
      if (seconds < FASTER * best) {
        best = seconds;
        same = 0;
      }
    }
  }

  private double perByte() {
    if (perByte == 0) {
      try (Scope scope = new Scope()) {
        Tensor a = filled(DType.FLOAT32, PASSED);
        Tensor b = filled(DType.FLOAT32, PASSED);
        perByte = typical(() -> a.add(b)) / (PASSED * DType.FLOAT32.bytes());
      }
    }
    return perByte;
  }

  private double perHandle() {
    if (perHandle == 0) {
      int some = 200;
      try (Scope scope = new Scope()) {
        Tensor a = filled(DType.FLOAT32, 16);
        Runnable additions =
            () -> {
              for (int i = 0; i < some; i++) {
                a.add(1);
              }
            };
        perHandle = typical(additions) / some;
      }
    }
    return perHandle;
  }

  /** Once: what is measured is what runs do when they have run for a while. */
  private void settle() {
    if (!isSettled) {
      isSettled = true;
      awaitCompilers();
      try (Scope scope = new Scope()) {
        long start = System.nanoTime();
        for (int i = 0; i < TOUCHED; i++) {
          filled(DType.FLOAT32, PASSED);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        perNewByte = seconds / (TOUCHED * PASSED * DType.FLOAT32.bytes());
      }
    }
  }

  /** Waits until Java's compilers have little to do. */
  private static void awaitCompilers() {
    CompilationMXBean compilers = ManagementFactory.getCompilationMXBean();
    if (compilers == null || !compilers.isCompilationTimeMonitoringSupported()) {
      return;
    }
    long before = compilers.getTotalCompilationTime();
    try {
      for (int i = 0; i < LONGEST_SETTLING * 1000 / SETTLING_MILLIS; i++) {
        Thread.sleep(SETTLING_MILLIS);
        long now = compilers.getTotalCompilationTime();
        if (now - before < BUSY * SETTLING_MILLIS) {
          return;
        }
        before = now;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // whoever asked for it finds out
    }
  }

  /** The median of some, after a few to warm up; of what takes long once each. */
  private static double typical(Runnable work) {
    List<Double> all = new ArrayList<>();
    double warm = 0;
    for (int i = 0; i < WARM && (i == 0 || warm < ENOUGH); i++) {
      warm += seconds(work);
    }
    double sum = 0;
    while (sum <= LONG && all.size() < MOST && (all.size() < LEAST || sum < ENOUGH)) {
      double seconds = seconds(work);
      all.add(seconds);
      sum += seconds;
    }
    Collections.sort(all);
    return all.get(all.size() / 2);
  }

  private static double seconds(Runnable work) {
    long start = System.nanoTime();
    try (Scope scope = new Scope()) {
      work.run();
    }
    return (System.nanoTime() - start) / 1e9;
  }
}
