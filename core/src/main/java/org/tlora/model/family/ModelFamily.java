/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import java.util.Optional;
import java.util.Set;
import org.tlora.model.DecoderConfig;

/**
 * What is particular to a family of decoders. It may be asked by several threads at once, and has
 * no state.
 */
public interface ModelFamily {
  /** The names that {@code architectures} in config.json may have; at least one. */
  Set<String> architectures();

  /** What {@code model_type} in config.json is, where {@code architectures} is not there. */
  String modelType();

  /**
   * Reads the configuration. Every field that changes what is computed is asked for; a field that
   * is not is named to the user.
   *
   * @throws org.tlora.fault.InputFault if a field is missing or asks for something that is not
   *     known
   */
  DecoderConfig config(HubConfig config);

  /** How llama.cpp stores the family; empty: it does not, or not in a way that is known. */
  default Optional<GgufLayout> gguf() {
    return Optional.empty();
  }

  /** How it is written for llama.cpp, where that is under another architecture's name. */
  default Optional<GgufLayout> ggufToWrite() {
    return gguf();
  }
}
