/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.fuzz;

import org.tlora.engine.DType;
import org.tlora.fault.InputFault;
import org.tlora.format.Gguf;

/** Whole GGUF files: metadata, header and every tensor behind it. */
public final class GgufFuzz {
  private static final FuzzDirectory DIRECTORY = new FuzzDirectory();

  private GgufFuzz() {}

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] data) {
    try (Gguf file = Gguf.open(DIRECTORY.write("a.gguf", data))) {
      for (String name : file.names()) {
        file.load(name, DType.FLOAT32).close();
      }
    } catch (InputFault e) {
      // one clear line
    }
  }
}
