/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import org.tlora.format.Gguf;
import org.tlora.format.Json;
import org.tlora.model.DecoderConfig;
import org.tlora.model.family.Families;
import org.tlora.model.family.GgufLayout;
import org.tlora.model.family.HubConfig;
import org.tlora.model.family.ModelFamily;
import org.tlora.model.gguf.GgufConfig;
import org.tlora.model.gguf.GgufMetadata;
import org.tlora.model.gguf.GgufWeights;

/** Reads a model's GGUF file. */
final class GgufFile {
  private GgufFile() {}

  /**
   * Looks through it.
   *
   * @throws org.tlora.fault.InputFault if it is damaged or of an unknown architecture
   */
  static Checkpoint read(Path path, Gguf file, Families families) {
    String where = path.toString();
    Object architecture = file.metadata().get("general.architecture");
    ModelFamily family = families.ofGguf(String.valueOf(architecture), where);
    GgufLayout layout = family.gguf().orElseThrow();
    GgufMetadata metadata = new GgufMetadata(file.metadata(), layout.architecture(), where);
    ObjectNode config = GgufConfig.of(file, layout, metadata);
    DecoderConfig decoder = family.config(HubConfig.parse(Json.compact(config), where));
    GgufWeights weights = new GgufWeights(file, layout, decoder);
    List<String> notices = Checkpoint.withUnused(metadata.notices(), path, weights.unused());
    return new Checkpoint(config, decoder, null, weights, file, false, notices);
  }
}
