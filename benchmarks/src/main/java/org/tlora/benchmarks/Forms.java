/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.benchmarks;

import org.tlora.pretrained.BaseWeights;

/** What a benchmark's model is held in, by a name. */
final class Forms {
  private Forms() {}

  /**
   * By its name.
   *
   * @param form a dtype, int8 (which numbers are converted to later), as-stored, or what --quantize
   *     takes
   */
  static BaseWeights named(String form) {
    return switch (form) {
      case "float32", "bfloat16", "int8" -> BaseWeights.DENSE;
      case "as-stored" -> BaseWeights.AS_STORED;
      default -> BaseWeights.of("dense", form);
    };
  }
}
