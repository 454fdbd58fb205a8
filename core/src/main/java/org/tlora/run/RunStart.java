/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.run;

import java.util.Map;

/**
 * A run that begins.
 *
 * @param method by its name
 * @param trainableParameters numbers that train; 0 where that is not known yet
 * @param baseParameters of the model
 * @param settings everything that decides the result, by name
 */
public record RunStart(
    String method, long trainableParameters, long baseParameters, Map<String, String> settings) {
  /** Keeps a copy of the settings. */
  public RunStart {
    settings = Map.copyOf(settings);
  }
}
