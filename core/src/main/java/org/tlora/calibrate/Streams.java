/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.calibrate;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.tlora.model.LayerInput;
import org.tlora.model.Linear;

/**
 * Where the passes of a calibration have ended, so that those for the layers behind go on from
 * there instead of from the tokens: then all groups of layers together cost one pass, however many
 * there are. It holds a vector for each token of the samples.
 */
public final class Streams implements AutoCloseable {
  private final Map<Integer, LayerInput> bySample = new HashMap<>();
  private Set<Linear> next;

  /**
   * None yet.
   *
   * @param next the layers that will be asked for after those of the first passes; none: nothing is
   *     kept
   */
  public Streams(Set<Linear> next) {
    this.next = Set.copyOf(next);
  }

  /** What will be asked for after the passes that come now. */
  public void expect(Set<Linear> layers) {
    next = Set.copyOf(layers);
  }

  Set<Linear> next() {
    return next;
  }

  /** Where the pass that begins with a sample goes on, or null. */
  LayerInput of(int firstSample) {
    return bySample.get(firstSample);
  }

  /** Keeps where a pass has ended, and frees where it had begun. */
  void put(int firstSample, LayerInput end) {
    LayerInput begun = end == null ? bySample.remove(firstSample) : bySample.put(firstSample, end);
    if (begun != null) {
      begun.close();
    }
  }

  @Override
  public void close() {
    bySample.values().forEach(LayerInput::close);
    bySample.clear();
  }
}
