/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.stream.LongStream;
import org.tlora.engine.Random;

/** What rows drop in tests. */
public final class Dropouts {
  private Dropouts() {}

  /** A seed for each of some rows. */
  public static long[] seeds(long seed, int rows) {
    return LongStream.range(0, rows).map(row -> Random.mix(seed, row)).toArray();
  }

  /** What the rows of a layout drop; null: nothing. */
  public static Dropout of(Long seed, Layout layout) {
    return seed == null ? null : Dropout.of(seeds(seed, layout.segments().size()), layout);
  }
}
