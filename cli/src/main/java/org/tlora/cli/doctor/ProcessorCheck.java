/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.doctor;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tlora.engine.Processor;

/** What the processor has, and what of it is used. */
record ProcessorCheck(Map<String, String> environment) implements Check {
  /** Those that decide how fast something is. */
  private static final List<String> FEATURES =
      List.of(
          "sse4_2",
          "avx",
          "f16c",
          "fma",
          "avx2",
          "avx512f",
          "avx512_vnni",
          "avx512_bf16",
          "avx_vnni",
          "amx_bf16",
          "amx_int8",
          "asimd",
          "asimddp",
          "sve",
          "bf16",
          "i8mm");

  /** Variables that keep libraries below what the processor has. */
  private static final List<String> LIMITS =
      List.of(
          "ATEN_CPU_CAPABILITY",
          "ONEDNN_MAX_CPU_ISA",
          "DNNL_MAX_CPU_ISA",
          "MKL_ENABLE_INSTRUCTIONS");

  @Override
  public String name() {
    return "processor";
  }

  @Override
  public List<Finding> findings() {
    return List.of(processor(Processor.detect(), System.getProperty("os.arch")), limits());
  }

  static Finding processor(Processor p, String architecture) {
    List<String> features = FEATURES.stream().filter(p.features()::contains).toList();
    String type = p.computeType().name().toLowerCase(Locale.ROOT);
    String text =
        p.model()
            + (features.isEmpty() ? "" : ": " + String.join(" ", features))
            + "; --dtype auto computes in "
            + type;
    boolean x86 = architecture.matches("amd64|x86_64");
    boolean old = x86 && !p.features().isEmpty() && !p.features().contains("avx2");
    Finding found =
        old
            ? Finding.warning(
                "processor",
                text + "; without AVX2 everything is several times slower",
                "on a virtual machine, have its processor be the host's own")
            : Finding.ok("processor", text);
    return found
        .with("model", p.model())
        .with("features", String.join(" ", features))
        .with("compute_type", type);
  }

  private Finding limits() {
    List<String> set =
        LIMITS.stream()
            .filter(environment::containsKey)
            .map(n -> n + "=" + environment.get(n))
            .toList();
    return set.isEmpty()
        ? Finding.ok("instructions", "no variable keeps libraries below what the processor has")
        : Finding.warning(
            "instructions",
            String.join(", ", set) + " may keep libraries below what the processor has",
            "take it out of the environment if it is not meant");
  }
}
