/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;
import org.tlora.fault.RunFault;

/**
 * What the native libraries are, of a process that has loaded them, and how fast they multiply.
 *
 * @param libtorch its version and its binding's
 * @param blas the BLAS that matrix products run on, with its version
 * @param oneDnn its version; empty where the build has none
 * @param openMp its version
 * @param capability the instruction set that libtorch's own kernels were dispatched to
 * @param threads that compute
 * @param cudaBuild whether the build can use GPUs of NVIDIA
 * @param cudaDevices how many of them there are
 * @param speeds 10⁹ multiplications and additions a second of a product of two 512 by 512 matrices,
 *     by type and library
 * @param kernels where measured choices are kept, or null: nothing is measured
 */
public record NativeReport(
    String libtorch,
    String blas,
    String oneDnn,
    String openMp,
    String capability,
    int threads,
    boolean cudaBuild,
    int cudaDevices,
    Map<String, Double> speeds,
    Path kernels) {
  private static final int SIZE = 512;
  private static final int REPEATS = 5;

  private static final Pattern LIBRARY =
      Pattern.compile(
          ".*/(lib)?(torch|torch_cpu|torch_global|c10|mkl_[a-z0-9_]+|openblas[a-z0-9_]*|gomp|iomp5"
              + "|omp|jnitorch|jniopenblas|jnimkl_rt|tokenizers)[^/]*\\.(so|dylib|dll)[.0-9]*");

  /**
   * Loads the libraries and computes with them.
   *
   * @throws RunFault if they cannot be loaded, or compute something else than they should
   */
  public static NativeReport ofProcess() {
    Engine.load();
    Map<String, Double> speeds = measured();
    boolean mkl = Engine.blas().equals("MKL");
    KernelFile kernels = KernelFile.ofUser();
    boolean cuda = torch.hasCUDA();
    return new NativeReport(
        Engine.version(),
        Engine.blas() + version(mkl ? "mkl" : "openblas"),
        torch.hasMKLDNN() ? text(torch.get_mkldnn_version()) : "",
        torch.hasOpenMP() ? text(torch.get_openmp_version()) : "",
        Engine.cpuCapability(),
        Engine.threads(),
        cuda,
        cuda && torch.cuda_is_available() ? torch.cuda_device_count() : 0,
        speeds,
        kernels == null ? null : kernels.path());
  }

  /**
   * Where libraries are unpacked; nothing is loaded for that.
   *
   * @throws RunFault if there is no such directory that can be written
   */
  public static Path cache() {
    return NativeLibraries.cache();
  }

  /** Whether those of this program were unpacked there before. */
  public static boolean isUnpacked() {
    return NativeLibraries.isUnpacked();
  }

  private static String text(BytePointer pointer) {
    try (pointer) {
      return pointer.getString().strip();
    }
  }

  /** Of a library of the binding, by the jar that it was unpacked from. */
  private static String version(String library) {
    Pattern jar = Pattern.compile(".*/" + library + "-([0-9][0-9.]*)-.*");
    return files().stream()
        .map(jar::matcher)
        .filter(Matcher::matches)
        .map(m -> " " + m.group(1))
        .findFirst()
        .orElse("");
  }

  /**
   * The files from which libraries are loaded now: as the system has them mapped; where it does not
   * say, as the binding has loaded them.
   */
  public static List<String> files() {
    TreeSet<String> found = new TreeSet<>();
    for (String line : SystemFiles.lines(Path.of("/proc/self/maps"))) {
      int slash = line.indexOf('/');
      String file = slash < 0 ? "" : line.substring(slash).strip();
      if (LIBRARY.matcher(file).matches()) {
        found.add(file);
      }
    }
    if (found.isEmpty()) {
      Loader.getLoadedLibraries().values().stream()
          .filter(file -> LIBRARY.matcher(file.replace('\\', '/')).matches())
          .forEach(found::add);
    }
    return new ArrayList<>(found);
  }

  private static Map<String, Double> measured() {
    Map<String, Double> speeds = new LinkedHashMap<>();
    List<DType> types = new ArrayList<>(List.of(DType.FLOAT32));
    if (Processor.detect().hasFastBfloat16()) {
      types.add(DType.BFLOAT16);
    }
    for (DType type : types) {
      try (Scope scope = new Scope()) {
        Tensor ones = Tensor.zeros(Device.CPU, type, SIZE, SIZE).addInPlace(1);
        Factors factors = Factors.of(ones, ones);
        for (ProductKernel kernel : List.of(ProductKernel.BLAS, ProductKernel.ONEDNN)) {
          if (kernel.fits(factors)) {
            String name = kernel == ProductKernel.BLAS ? Engine.blas() : "oneDNN";
            speeds.put(type.name().toLowerCase(Locale.ROOT) + " " + name, speed(kernel, factors));
          }
        }
      }
    }
    return speeds;
  }

  private static double speed(ProductKernel kernel, Factors factors) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i <= REPEATS; i++) {
      try (Scope scope = new Scope()) {
        long start = System.nanoTime();
        Tensor product = kernel.product(factors);
        long took = System.nanoTime() - start;
        least = i == 0 ? least : Math.min(least, took);
        double sum = product.to(DType.FLOAT64).sum().item();
        if (sum != (double) SIZE * SIZE * SIZE) {
          throw new RunFault(
              kernel.label() + " multiplies wrongly: a sum of " + sum + " is " + SIZE + "³");
        }
      }
    }
    return 2.0 * SIZE * SIZE * SIZE / least;
  }
}
