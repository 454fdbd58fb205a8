/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/** The native libraries, by what the process says that has loaded them. */
record NativeCheck(Probe probe) implements Check {
  @Override
  public String name() {
    return "native libraries";
  }

  @Override
  public List<Finding> findings() {
    if (!probe.isThere()) {
      return List.of(
          Finding.fault(
              name(),
              probe.failure(),
              "delete the directory that they are unpacked to (~/.javacpp/cache), and see that"
                  + " there is room for 800 MB;"
                  + " TLORA_JAVA_OPTIONS=-Dorg.bytedeco.javacpp.cachedir=DIR names another"));
    }
    ObjectNode r = probe.report();
    List<Finding> all = new ArrayList<>();
    all.add(libraries(r));
    all.add(tokenizers(r.path("tokenizers").asText()));
    all.add(blas(r));
    all.add(kernels(r));
    return all;
  }

  private static Finding libraries(ObjectNode r) {
    TreeSet<String> places = new TreeSet<>();
    for (JsonNode file : r.path("files")) {
      Path parent = Path.of(file.asText()).getParent();
      if (parent != null && file.asText().contains("torch")) {
        places.add(parent.toString());
      }
    }
    Finding found =
        Finding.ok(
            "native libraries",
            "libtorch " + r.path("libtorch").asText() + " from " + String.join(", ", places));
    found.details().setAll(r);
    return found;
  }

  private static Finding tokenizers(String problem) {
    return problem.isEmpty()
        ? Finding.ok("tokenizers", "the library is loaded and encodes")
        : Finding.fault(
            "tokenizers",
            problem,
            "see that the home directory can be written, or name another one with DJL_CACHE_DIR");
  }

  private static Finding blas(ObjectNode r) {
    String blas = r.path("blas").asText();
    String oneDnn = r.path("onednn").asText();
    String text = blas + (oneDnn.isEmpty() ? "" : "; " + oneDnn) + "; " + r.path("openmp").asText();
    boolean x86 = System.getProperty("os.arch").matches("amd64|x86_64");
    boolean mac = System.getProperty("os.name").startsWith("Mac");
    return blas.startsWith("OpenBLAS") && x86 && !mac
        ? Finding.warning(
            "BLAS",
            text + ": attention is 4 to 10 times slower than with MKL",
            "leave the property org.bytedeco.openblas.load alone")
        : Finding.ok("BLAS", text);
  }

  private static Finding kernels(ObjectNode r) {
    List<String> speeds = new ArrayList<>();
    for (var e : r.path("gflops").properties()) {
      speeds.add(String.format(Locale.ROOT, "%s %.0f", e.getKey(), e.getValue().asDouble()));
    }
    String text = "GFLOP/s: " + String.join(", ", speeds);
    JsonNode file = r.path("kernels");
    if (!file.isTextual()) {
      return Finding.warning(
          "kernels",
          text
              + "; which one is faster is not measured (tlora.kernels is off, or there is no home)",
          "set TLORA_JAVA_OPTIONS=-Dtlora.kernels=DIR");
    }
    Path path = Path.of(file.asText());
    return Places.canBeWritten(path)
        ? Finding.ok("kernels", text + "; the faster one of each shape is kept in " + path)
        : Finding.warning(
            "kernels",
            text + "; which one is faster cannot be kept in " + path,
            "make that writable, or set TLORA_JAVA_OPTIONS=-Dtlora.kernels=DIR");
  }
}
