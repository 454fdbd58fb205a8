/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.data.Encoded;
import org.tlora.format.Json;
import org.tlora.format.Sha256;
import org.tlora.model.Linear;
import org.tlora.model.Model;
import org.tlora.pretrained.PretrainedModel;

/**
 * What calibration statistics depend on, as SHA-256 digests and settings by name: the model's
 * files, the tokenizer, the samples, the layers, the compute type.
 */
record CalibrationKey(Map<String, String> parts) {
  static CalibrationKey of(
      PretrainedModel base,
      Model model,
      List<Linear> targets,
      List<Encoded> samples,
      int gradientBatchSize,
      String head) {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("model", Contents.ofModel(base.path()));
    parts.put("tokenizer", Sha256.of(Json.compact(base.tokenizer().definition())));
    parts.put("data", Contents.ofRows(samples));
    parts.put("layers", Sha256.of(String.join(",", targets.stream().map(Linear::name).toList())));
    parts.put("compute_type", model.computeType().name());
    parts.put("gradient_batch_size", "" + gradientBatchSize);
    parts.put("new_head", head);
    return new CalibrationKey(parts);
  }
}
