/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.fuzz;

import java.nio.charset.StandardCharsets;
import org.tlora.checkpoint.CheckpointStore;
import org.tlora.fault.InputFault;

/** The manifest of a checkpoint. */
public final class ManifestFuzz {
  private static final FuzzDirectory DIRECTORY = new FuzzDirectory();

  private ManifestFuzz() {}

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] data) {
    DIRECTORY.write("state.json", "{}".getBytes(StandardCharsets.UTF_8));
    DIRECTORY.write(CheckpointStore.MANIFEST, data);
    try {
      CheckpointStore.check(DIRECTORY.path());
    } catch (InputFault e) {
      // one clear line
    }
  }
}
