/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import org.tlora.model.EncoderConfig.Names;

/** Module names that several encoders share. */
final class EncoderNames {
  private EncoderNames() {}

  /** BERT's, with another prefix and another end of what makes queries, keys and values. */
  static Names likeBert(String prefix, String projection) {
    return new Names(
        prefix,
        "encoder.layer",
        "attention.self.query" + projection,
        "attention.self.key" + projection,
        "attention.self.value" + projection,
        "attention.output.dense",
        "attention.output.LayerNorm",
        "intermediate.dense",
        "output.dense",
        "output.LayerNorm");
  }
}
