package org.tlora.format;

import java.util.Arrays;
import org.tlora.fault.InputFault;

/** Sizes that a file claims, before native code sees them. */
final class Sizes {
  private static final int MOST_DIMENSIONS = 64;

  private Sizes() {}

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
