/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.nio.charset.StandardCharsets;
import org.tlora.fault.UsageFault;

/** Task files (YAML). */
public final class TaskFileFuzz {
  private TaskFileFuzz() {}

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] data) {
    try {
      TaskFile.read(new String(data, StandardCharsets.UTF_8), "task.yaml");
    } catch (UsageFault e) {
      // one clear line
    }
  }
}
