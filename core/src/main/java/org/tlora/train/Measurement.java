/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import java.util.Map;
import java.util.Optional;
import org.tlora.run.StopSignal;

/** Measures a model as it is between two steps, beside its loss on rows that are held out. */
@FunctionalInterface
public interface Measurement {
  /**
   * Measures; nothing of the model is changed. Called in each process of a group.
   *
   * @param stop asked now and then
   * @return numbers by name, the same in each process; nothing where it was asked to stop
   */
  Optional<Map<String, Double>> take(StopSignal stop);
}
