/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import java.util.Optional;
import java.util.Set;
import org.tlora.model.DecoderConfig;

/** What is particular to a family of models. */
public interface ModelFamily {
  /** The names that {@code architectures} in config.json may have. */
  Set<String> architectures();

  /** What {@code model_type} in config.json is, where {@code architectures} is not there. */
  String modelType();

  /**
   * Reads the configuration.
   *
   * @throws org.tlora.fault.InputFault if a field is missing or asks for something that is not
   *     known
   */
  DecoderConfig config(HubConfig config);

  /** How llama.cpp stores the family, if it does. */
  Optional<GgufLayout> gguf();

  /** How it is written for llama.cpp, where that is under another architecture's name. */
  default Optional<GgufLayout> ggufToWrite() {
    return gguf();
  }
}
