/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a layer is.
 *
 * @param block such as {@code layer 3}, or {@code model} for what is outside of the blocks
 * @param type such as {@code q_proj}
 */
record LayerName(String block, String type) {
  private static final Pattern NUMBER = Pattern.compile("\\.(\\d+)\\.");

  /** That of a path such as {@code model.layers.3.self_attn.q_proj}. */
  static LayerName of(String path) {
    Matcher m = NUMBER.matcher(path);
    String block = m.find() ? "layer " + m.group(1) : "model";
    return new LayerName(block, path.substring(path.lastIndexOf('.') + 1));
  }
}
