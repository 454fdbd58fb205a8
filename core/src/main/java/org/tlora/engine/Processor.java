/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * What the processor has, as far as it decides the element type that a run computes in.
 *
 * @param model its name, with the numbers of family and model where there are some: one name may
 *     stand for several generations
 * @param vendor as /proc/cpuinfo names it, such as {@code AuthenticAMD}; empty where unknown
 * @param features lower-case names of instruction set extensions
 */
public record Processor(String model, String vendor, Set<String> features) {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  /** Reads the machine's own processor; without /proc/cpuinfo no feature is assumed. */
  public static Processor detect() {
    String model = System.getProperty("os.arch");
    String vendor = "";
    String family = "";
    String number = "";
    Set<String> features = new HashSet<>();
    if (Files.isReadable(CPU_INFO)) {
      try {
        for (String line : Files.readAllLines(CPU_INFO, StandardCharsets.ISO_8859_1)) {
          int colon = line.indexOf(':');
          if (colon < 0) {
            continue;
          }
          String key = line.substring(0, colon).trim().toLowerCase(Locale.ROOT);
          String value = line.substring(colon + 1).trim();
          if (key.equals("model name")) {
            model = value;
          } else if (key.equals("cpu family")) {
            family = " family " + value;
          } else if (key.equals("model")) {
            number = " model " + value;
          } else if (key.equals("vendor_id")) {
            vendor = value;
          } else if (key.equals("flags") || key.equals("features")) {
            features.addAll(Set.of(distinct(value.toLowerCase(Locale.ROOT).split("\\s+"))));
            break;
          }
        }
      } catch (IOException e) {
        features.clear(); // no features known: float32 is right everywhere
      }
    }
    return new Processor(model + family + number, vendor, Set.copyOf(features));
  }

  private static String[] distinct(String[] words) {
    return new HashSet<>(java.util.Arrays.asList(words)).toArray(String[]::new);
  }

  /**
   * Whether bfloat16 matrix products are faster than float32 ones, not slower by a factor of 40.
   */
  public boolean hasFastBfloat16() {
    return features.contains("avx512_bf16") || features.contains("amx_bf16");
  }

  /**
   * Whether oneDNN's float32 matrix products are likely faster than MKL's, where nothing can be
   * measured: on AMD's processors MKL stays with AVX2, which is less than half of what their
   * AVX-512 units do (118 against 267 GFLOP/s a thread on Zen 5).
   */
  boolean prefersOneDnn() {
    return vendor.equals("AuthenticAMD") && features.contains("avx512f");
  }

  /** The element type to compute in when the user says {@code auto}. */
  public DType computeType() {
    return hasFastBfloat16() ? DType.BFLOAT16 : DType.FLOAT32;
  }
}
