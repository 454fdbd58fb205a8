/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.io.IOException;
import java.util.Objects;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;

/**
 * Loads libtorch once for the process and holds the few settings that libtorch itself keeps
 * globally.
 *
 * <p>On x86-64 the BLAS behind libtorch is MKL: with OpenBLAS, attention is 4–10 times slower
 * because OpenBLAS' own threads fight with OpenMP's inside parallel regions. Elsewhere OpenBLAS is
 * kept and {@link #inParallelRegions} switches it to one thread where libtorch is parallel already.
 */
public final class Engine {
  private static final boolean MKL = startLibraries();

  private Engine() {}

  private static boolean startLibraries() {
    // Owners close what they allocate; JavaCPP's garbage collector hooks and its cap on resident
    // memory (twice the Java heap) would only get in the way.
    setDefault("org.bytedeco.javacpp.nopointergc", "true");
    setDefault("org.bytedeco.javacpp.maxBytes", "0");
    setDefault("org.bytedeco.javacpp.maxPhysicalBytes", "0");
    String arch = System.getProperty("os.arch");
    boolean x86 = arch.equals("amd64") || arch.equals("x86_64");
    boolean mac = System.getProperty("os.name").startsWith("Mac");
    if (x86 && !mac) {
      setDefault("org.bytedeco.openblas.load", "mkl_rt");
    }
    // Threads that wait spin by default, libtorch's for a million turns and those of MKL's own
    // runtime for 200 ms: two programs side by side, or one beside any other work, then get a sixth
    // of what is theirs. One runtime, whose threads sleep once they have waited for some 30 µs,
    // loses nothing where it is alone: most waits are shorter, and falling asleep takes as long.
    if (System.getenv("OMP_WAIT_POLICY") == null) {
      NativeEnvironment.setUnlessThere("OMP_WAIT_POLICY", "PASSIVE");
      NativeEnvironment.setUnlessThere("GOMP_SPINCOUNT", "3000");
    }
    NativeEnvironment.setUnlessThere("MKL_THREADING_LAYER", "GNU");
    NativeLibraries.load(() -> torch.set_num_threads(defaultThreads()));
    return "mkl_rt".equals(System.getProperty("org.bytedeco.openblas.load"));
  }

  private static void setDefault(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /** Loads the native libraries if that has not happened yet. */
  public static void load() {
    // the static initialiser has done it
  }

  /** The number of threads that a run uses when nobody says otherwise; see {@link Cores}. */
  public static int defaultThreads() {
    return Cores.detect().threads();
  }

  /**
   * Takes this process's share of the threads where several on this machine compute at once.
   *
   * @param processes on this machine
   */
  public static void shareThreads(int processes) {
    setThreads(Math.max(1, defaultThreads() / processes));
  }

  /**
   * Sets the number of threads of every native kernel.
   *
   * @throws IllegalArgumentException if {@code threads} is below one
   */
  public static void setThreads(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, not " + threads);
    }
    torch.set_num_threads(threads);
    if (!MKL) {
      openblas.blas_set_num_threads(threads);
    }
  }

  /** The number of threads in use. */
  public static int threads() {
    return torch.get_num_threads();
  }

  /** The name of the BLAS that matrix products run on. */
  public static String blas() {
    return MKL ? "MKL" : "OpenBLAS";
  }

  /** The version of libtorch and its binding; empty where the jar does not say it. */
  public static String version() {
    try {
      return Objects.requireNonNullElse(Loader.getVersion("org.bytedeco", "pytorch"), "");
    } catch (IOException e) {
      return "";
    }
  }

  /** The instruction set that libtorch's own kernels were dispatched to, such as {@code AVX2}. */
  public static String cpuCapability() {
    return torch.get_cpu_capability().getString();
  }

  /**
   * Runs kernels that call BLAS from inside libtorch's parallel regions (attention does): there
   * OpenBLAS must not start threads of its own.
   */
  static void inParallelRegions(Runnable kernels) {
    if (MKL) {
      kernels.run();
      return;
    }
    int threads = threads();
    openblas.blas_set_num_threads(1);
    try {
      kernels.run();
    } finally {
      openblas.blas_set_num_threads(threads);
    }
  }
}
