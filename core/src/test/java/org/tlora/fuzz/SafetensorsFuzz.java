/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.fuzz;

import org.tlora.engine.DType;
import org.tlora.fault.InputFault;
import org.tlora.format.Safetensors;

/** Whole safetensors files: the header and every tensor behind it. */
public final class SafetensorsFuzz {
  private static final FuzzDirectory DIRECTORY = new FuzzDirectory();

  private SafetensorsFuzz() {}

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] data) {
    try (Safetensors file = Safetensors.open(DIRECTORY.write("a.safetensors", data))) {
      for (String name : file.names()) {
        file.load(name, DType.FLOAT32).close();
      }
    } catch (InputFault e) {
      // one clear line
    }
  }
}
