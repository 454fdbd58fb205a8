/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.tlora.data.Encoded;
import org.tlora.data.LearnedTokens;
import org.tlora.engine.DType;
import org.tlora.format.Json;
import org.tlora.model.CausalLm;
import org.tlora.pretrained.PretrainedModel;

/** The random model and token rows that most golden numbers were made with. */
final class TinyLlama implements AutoCloseable {
  private final PretrainedModel files = PretrainedModel.open(Shared.path("golden/tiny-llama"));
  private final CausalLm model = files.load(DType.FLOAT32);

  PretrainedModel files() {
    return files;
  }

  CausalLm model() {
    return model;
  }

  /** All 256 rows of tokens.json. */
  static List<Encoded> rows() {
    List<Encoded> rows = new ArrayList<>();
    JsonNode tokens = Golden.array("golden/tokens.json");
    for (JsonNode row : tokens) {
      rows.add(
          new LearnedTokens(Expect.ints(row.path("input_ids")), Expect.ints(row.path("labels"))));
    }
    return rows;
  }

  /** The calibration rows of the TLoRA numbers. */
  static List<Encoded> calibrationRows() {
    return rows().subList(224, 256);
  }

  @Override
  public void close() {
    model.close();
    files.close();
  }

  /** Golden JSON files. */
  static final class Golden {
    private Golden() {}

    static JsonNode array(String relative) {
      return read(relative);
    }

    static JsonNode read(String relative) {
      try {
        return Json.parse(java.nio.file.Files.readString(Shared.path(relative)), relative);
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }
}
