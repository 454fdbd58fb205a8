/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import org.tlora.model.EncoderConfig;

/**
 * What is particular to a family of encoders. It may be asked by several threads at once, and has
 * no state.
 */
public interface EncoderFamily {
  /**
   * How the names in {@code architectures} begin: {@code Bert} for {@code BertModel} and others.
   */
  String architecture();

  /** What {@code model_type} in config.json is, where {@code architectures} is not there. */
  String modelType();

  /**
   * Reads the configuration. Every field that changes what is computed is asked for; a field that
   * is not is named to the user.
   *
   * @throws org.tlora.fault.InputFault if a field is missing or asks for something that is not
   *     known
   */
  EncoderConfig config(HubConfig config);
}
