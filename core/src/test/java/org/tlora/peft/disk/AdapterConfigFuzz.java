/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import java.util.List;
import org.tlora.fault.InputFault;
import org.tlora.fuzz.FuzzDirectory;

/** {@code adapter_config.json}, and what it says of layers. */
public final class AdapterConfigFuzz {
  private static final FuzzDirectory DIRECTORY = new FuzzDirectory();

  private AdapterConfigFuzz() {}

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] data) {
    try {
      PeftConfig config = PeftConfig.read(DIRECTORY.write("adapter_config.json", data));
      for (String layer : List.of("model.layers.0.self_attn.q_proj", "lm_head")) {
        config.rank(layer);
        config.scaling(4, layer);
      }
      config.changesBase();
      config.savesModule("lm_head");
      config.tokenIndices();
      config.requireTargeted("model.layers.0.self_attn.q_proj", "layers.0.self_attn.q_proj");
    } catch (InputFault e) {
      // one clear line
    }
  }
}
