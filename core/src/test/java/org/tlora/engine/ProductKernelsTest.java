/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.testing.JavaProcess;
import org.tlora.testing.StartsProcess;

/** Products run on what was measured to be the fastest, the same in every process. */
class ProductKernelsTest {
  @TempDir private Path directory;

  private Path file() {
    return directory.resolve("deep/kernels.txt");
  }

  private static Tensor random(Random random, boolean transposed, int rows, int columns) {
    return transposed ? random.normal(0, 1, columns, rows).t() : random.normal(0, 1, rows, columns);
  }

  @Test
  void oneDnnIsPreferredUnmeasuredOnAmdProcessorsWithAvx512Alone() {
    assertTrue(new Processor("new", "AuthenticAMD", Set.of("avx512f", "avx2")).prefersOneDnn());
    assertFalse(new Processor("old", "AuthenticAMD", Set.of("avx2")).prefersOneDnn());
    assertFalse(new Processor("other", "GenuineIntel", Set.of("avx512f")).prefersOneDnn());
  }

  @Property(tries = 60)
  void allKernelsGiveTheSameProductWhateverTheStrides(
      @ForAll @IntRange(min = 1, max = 90) int n,
      @ForAll @IntRange(min = 1, max = 90) int k,
      @ForAll @IntRange(min = 1, max = 90) int m,
      @ForAll boolean transposedA,
      @ForAll boolean transposedB,
      @ForAll boolean band,
      @ForAll long seed) {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed)) {
      Tensor a = random(random, transposedA, n, k);
      if (band) {
        a = random.normal(0, 1, n, k + 7L).narrow(1, 3, k);
      }
      Tensor b = random(random, transposedB, k, m);
      Tensor expected = a.to(DType.FLOAT64).mm(b.to(DType.FLOAT64));
      Factors factors = Factors.of(a, b);
      for (ProductKernel kernel : ProductKernel.values()) {
        if (kernel.fits(factors)) {
          Tensor actual = kernel.product(factors).to(DType.FLOAT64);
          double most = 1e-6 * k * Math.sqrt((double) n * m);
          assertEquals(0, actual.sub(expected).norm64(), most, kernel.label());
        }
      }
    }
  }

  @Test
  void aShapeIsMeasuredOnceAndKeptForTheNextProcess() throws IOException {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 1)) {
      Tensor w = random.normal(0, 1, 640, 512);
      ProductKernels first = new ProductKernels(new KernelFile(file()), ProductKernel.BLAS);
      ProductKernel of700 = first.of(Factors.of(random.normal(0, 1, 700, 512), w.t()));
      assertEquals(
          of700,
          first.of(Factors.of(random.normal(0, 1, 1900, 512), w.t())),
          "rows of 512 and more");
      List<String> lines = Files.readAllLines(file()).stream().filter(l -> !l.isEmpty()).toList();
      assertEquals(1, lines.size(), lines.toString());
      assertEquals("512x512t512/" + Engine.threads() + " " + of700.label() + ";", lines.get(0));
      first.of(Factors.of(random.normal(0, 1, 8, 512), w.t()));
      assertEquals(2, Files.readAllLines(file()).stream().filter(l -> !l.isEmpty()).count());

      // what the file says holds, whatever would be measured
      ProductKernel other = of700 == ProductKernel.BLAS ? ProductKernel.ONEDNN : ProductKernel.BLAS;
      Files.writeString(
          file(), "512x51\nnonsense\n" + lines.get(0).replace(of700.label(), other.label()));
      ProductKernels second = new ProductKernels(new KernelFile(file()), ProductKernel.BLAS);
      assertEquals(other, second.of(Factors.of(random.normal(0, 1, 700, 512), w.t())));
    }
  }

  @Test
  void withoutAFileNothingIsMeasured() throws IOException {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 1)) {
      Tensor x = random.normal(0, 1, 700, 512);
      Tensor w = random.normal(0, 1, 640, 512).t();
      for (ProductKernel unmeasured : List.of(ProductKernel.BLAS, ProductKernel.ONEDNN)) {
        assertEquals(unmeasured, new ProductKernels(null, unmeasured).of(Factors.of(x, w)));
        Path blocked = Files.writeString(directory.resolve("file-" + unmeasured), "no directory");
        KernelFile none = new KernelFile(blocked.resolve("kernels.txt"));
        assertEquals(Optional.empty(), none.find("shape", () -> ProductKernel.BLAS));
        assertEquals(unmeasured, new ProductKernels(none, unmeasured).of(Factors.of(x, w)));
      }
    }
  }

  @Test
  void smallProductsOtherTypesAndBandsGoToTheBlas() {
    ProductKernels kernels = new ProductKernels(null, ProductKernel.ONEDNN);
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 1)) {
      Tensor w = random.normal(0, 1, 640, 512).t();
      assertEquals(
          ProductKernel.BLAS,
          kernels.of(Factors.of(random.normal(0, 1, 20, 16), random.normal(0, 1, 16, 20))));
      Tensor x = random.normal(0, 1, 700, 520);
      assertEquals(ProductKernel.BLAS, kernels.of(Factors.of(x.narrow(1, 0, 512), w)));
      Tensor x64 = random.normal(0, 1, 700, 512).to(DType.FLOAT64);
      assertEquals(ProductKernel.BLAS, kernels.of(Factors.of(x64, w.to(DType.FLOAT64))));
    }
  }

  /** libtorch multiplies many rows in bfloat16 by oneDNN itself, but a single one as if by many. */
  @Test
  void aFewRowsInBfloat16AreMeasuredWhereTheProcessorMultipliesThem() throws IOException {
    Path file = Files.createTempFile("kernels", ".txt");
    ProductKernels kernels = new ProductKernels(new KernelFile(file), ProductKernel.ONEDNN);
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 1)) {
      Tensor w = random.normal(0, 1, 640, 512).to(DType.BFLOAT16).t();
      Tensor many = random.normal(0, 1, 700, 512).to(DType.BFLOAT16);
      Tensor one = many.narrow(0, 0, 1).copy();
      assertEquals(ProductKernel.BLAS, kernels.of(Factors.of(many, w)));
      ProductKernel chosen = kernels.of(Factors.of(one, w));
      boolean fast = Processor.detect().hasFastBfloat16();
      assertEquals(fast, Files.readString(file).contains("b1x512t512/"));
      assertTrue(fast || chosen == ProductKernel.BLAS);
      Tensor exact = one.to(DType.FLOAT64).mm(w.to(DType.FLOAT64));
      Tensor product = kernels.product(one, w);
      assertEquals(DType.BFLOAT16, product.dtype());
      assertEquals(0, product.to(DType.FLOAT64).sub(exact).norm64() / exact.norm64(), 0.01);
      assertEquals(
          ProductKernel.BLAS,
          new ProductKernels(null, ProductKernel.ONEDNN).of(Factors.of(one, w)));
    }
  }

  @Test
  void aRunsChoicesAreTakenUp() {
    ProductKernels.use(java.util.Map.of("3x5t7/9", "onednn-turned", "odd", "unheard of"));
    assertEquals("onednn-turned", ProductKernels.inUse().get("3x5t7/9"));
    assertNotEquals("unheard of", ProductKernels.inUse().get("odd"));
    assertTrue(ProductKernel.named("onednn-turned").isPresent());
  }

  @Test
  void aLineThatWasCutIsNoChoice() throws IOException {
    Files.createDirectories(file().getParent());
    Files.writeString(file(), "shape onednn"); // of onednn-turned
    KernelFile kernels = new KernelFile(file());
    assertEquals(Optional.of(ProductKernel.BLAS), kernels.find("shape", () -> ProductKernel.BLAS));
    assertEquals(
        Optional.of(ProductKernel.BLAS), kernels.find("shape", () -> ProductKernel.ONEDNN));
  }

  /** Measures for a while. */
  static final class Measuring {
    private Measuring() {}

    public static void main(String[] args) {
      ProductKernel own = ProductKernel.named(args[1]).orElseThrow();
      ProductKernel found =
          new KernelFile(Path.of(args[0]))
              .find(
                  "shape",
                  () -> {
                    System.out.println("measured");
                    LockSupport.parkNanos(1_500_000_000L);
                    return own;
                  })
              .orElseThrow();
      System.out.println("found " + found.label());
    }
  }

  /** Otherwise two runs that start together would have other bits. */
  @Test
  @StartsProcess
  void ofTwoProcessesOneMeasuresAndBothHaveItsChoice() throws Exception {
    List<Process> both = new ArrayList<>();
    for (String kernel : List.of("blas", "onednn")) {
      both.add(
          JavaProcess.of(Measuring.class, List.of(), file().toString(), kernel)
              .redirectErrorStream(true)
              .start());
    }
    StringBuilder said = new StringBuilder();
    for (Process p : both) {
      said.append(new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
      assertEquals(0, p.waitFor(), said.toString());
    }
    assertEquals(2, said.toString().split("measured", -1).length, said.toString());
    assertTrue(
        said.toString().split("found blas", -1).length == 3
            || said.toString().split("found onednn", -1).length == 3,
        said.toString());
  }
}
