/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise;

import java.nio.FloatBuffer;
import org.tlora.engine.Tensor;

/** A float32 number for each block. */
final class PlainAbsMax implements AbsMax {
  private final Tensor values;
  private final FloatBuffer numbers;

  /** Takes ownership of [blocks] float32. */
  PlainAbsMax(Tensor values) {
    this.values = values.detachFromScope();
    this.numbers = values.floats();
  }

  @Override
  public float at(int block) {
    return numbers.get(block);
  }

  @Override
  public Tensor codes() {
    return values;
  }

  @Override
  public long bytes() {
    return Float.BYTES * values.size();
  }

  @Override
  public boolean isFinite() {
    return values.isFinite();
  }

  @Override
  public void close() {
    values.close();
  }
}
