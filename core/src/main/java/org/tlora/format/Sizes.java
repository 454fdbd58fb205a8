/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.format;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.tlora.fault.InputFault;

/** Sizes that a file claims, before native code sees them. */
public final class Sizes {
  private static final int MOST_DIMENSIONS = 64;

  private Sizes() {}

  /** Where a tensor's bytes are in a file. */
  record Extent(long start, long bytes) {}

  /**
   * Makes sure that no byte belongs to two tensors.
   *
   * @throws InputFault if one does
   */
  static void requireDisjoint(Path path, Map<String, Extent> extents) {
    List<Map.Entry<String, Extent>> sorted = new ArrayList<>(extents.entrySet());
    sorted.sort(Comparator.comparingLong(e -> e.getValue().start()));
    long free = 0;
    for (Map.Entry<String, Extent> e : sorted) {
      if (e.getValue().bytes() > 0 && e.getValue().start() < free) {
        throw new InputFault(path + ", tensor " + e.getKey() + ": overlaps another tensor");
      }
      free = Math.max(free, e.getValue().start() + e.getValue().bytes());
    }
  }

  /**
   * How many elements a shape has.
   *
   * @param bytes of an element, or of a block of them
   * @throws InputFault if a size is negative, or bytes or strides overflow, also where another size
   *     is zero
   */
  static long elements(long[] shape, int bytes, String where) {
    if (shape.length > MOST_DIMENSIONS) {
      throw new InputFault(where + shape.length + " dimensions");
    }
    long elements = 1;
    long strides = bytes; // of a shape without its zeros
    try {
      for (long size : shape) {
        if (size < 0) {
          throw new InputFault(where + "negative size in shape " + Arrays.toString(shape));
        }
        strides = Math.multiplyExact(strides, Math.max(1, size));
        elements = size == 0 ? 0 : elements * size; // no greater than the strides
      }
      return elements;
    } catch (ArithmeticException e) {
      throw new InputFault(where + "shape " + Arrays.toString(shape) + " overflows", e);
    }
  }
}
