/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import org.tlora.model.EncoderConfig.Names;

/** Module names that several encoders share. */
public final class EncoderNames {
  private EncoderNames() {}

  /**
   * BERT's, with another prefix and another end of what makes queries, keys and values.
   *
   * @param prefix of all modules but the head's, such as {@code bert.}
   * @param projection behind {@code query}, {@code key} and {@code value}; may be empty
   */
  public static Names likeBert(String prefix, String projection) {
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
