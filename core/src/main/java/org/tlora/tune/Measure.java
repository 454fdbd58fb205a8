/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tlora.collective.Collective;
import org.tlora.model.AdapterSet;
import org.tlora.run.StopSignal;

/** Something that a run measures at each evaluation beside the loss, such as tasks. */
public interface Measure {
  /** The names of its numbers, of all of which greater ones are better. */
  Set<String> names();

  /** What decides its numbers beside the model, by name. */
  Map<String, String> settings();

  /**
   * Makes sure that the model can be measured.
   *
   * @throws org.tlora.fault.UsageFault if it cannot, since it is of another kind
   */
  void requireFit(TuningInputs inputs);

  /**
   * Measures; called in each process of a group.
   *
   * @param adapters as they are
   * @param stop asked now and then
   * @return numbers by name, the same in each process; nothing where it was asked to stop
   */
  Optional<Map<String, Double>> of(
      TuningInputs inputs, AdapterSet adapters, Collective all, StopSignal stop);
}
