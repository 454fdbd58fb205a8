/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.doctor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.tlora.engine.NativeReport;
import org.tlora.fault.Fault;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;
import org.tlora.text.Tokenizer;

/** Loads the native libraries, tries them, and says what they are. */
public final class LibraryReport {
  private LibraryReport() {}

  /**
   * The report, as {@link Probe} reads it.
   *
   * @throws RunFault if a library cannot be loaded or does not work
   */
  public static ObjectNode write() {
    NativeReport found = loaded();
    ObjectNode json = Json.object();
    json.put("libtorch", found.libtorch()).put("blas", found.blas());
    json.put("onednn", found.oneDnn()).put("openmp", found.openMp());
    json.put("capability", found.capability()).put("threads", found.threads());
    json.put("cuda_build", found.cudaBuild()).put("cuda_devices", found.cudaDevices());
    json.put("kernels", found.kernels() == null ? null : found.kernels().toString());
    ObjectNode speeds = json.putObject("gflops");
    found.speeds().forEach(speeds::put);
    json.put("tokenizers", tokenizer());
    var files = json.putArray("files"); // after the tokenizers are loaded too
    NativeReport.files().forEach(files::add);
    return json;
  }

  private static NativeReport loaded() {
    try {
      return NativeReport.ofProcess();
    } catch (LinkageError e) {
      Throwable reason = e;
      while (reason.getCause() != null && reason.getCause() != reason) {
        reason = reason.getCause();
      }
      throw reason instanceof Fault fault
          ? fault
          : new RunFault("the native libraries cannot be loaded: " + reason.getMessage(), e);
    }
  }

  /** Empty where it works; else what is wrong. */
  private static String tokenizer() {
    ObjectNode definition = Json.object();
    definition.putArray("added_tokens");
    ObjectNode model = definition.putObject("model").put("type", "WordLevel").put("unk_token", "?");
    model.putObject("vocab").put("?", 0).put("a", 1);
    try (Tokenizer tokenizer = Tokenizer.of(definition, "the doctor's tokenizer")) {
      int[] ids = tokenizer.encode("a", false);
      return ids.length == 1 && ids[0] == 1 ? "" : "it encodes wrongly";
    } catch (RuntimeException | LinkageError e) {
      return String.valueOf(e.getMessage());
    }
  }
}
