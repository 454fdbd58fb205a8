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

  /** The tokenizer_config.json that its metadata amount to. */
  static ObjectNode tokenizerConfig(Gguf file) {
    ObjectNode json = Json.object();
    json.put("tokenizer_class", "PreTrainedTokenizerFast");
    json.put("clean_up_tokenization_spaces", false);
    token(json, "bos_token", "bos_token_id", file);
    token(json, "eos_token", "eos_token_id", file);
    token(json, "unk_token", "unknown_token_id", file);
    token(json, "pad_token", "padding_token_id", file);
    if (file.metadata().get("tokenizer.chat_template") instanceof String template) {
      json.put("chat_template", template);
    }
    return json;
  }

  private static void token(ObjectNode json, String field, String key, Gguf file) {
    if (file.metadata().get("tokenizer.ggml.tokens") instanceof List<?> tokens
        && file.metadata().get("tokenizer.ggml." + key) instanceof Long id
        && id >= 0
        && id < tokens.size()) {
      json.put(field, (String) tokens.get(id.intValue()));
    }
  }
}
