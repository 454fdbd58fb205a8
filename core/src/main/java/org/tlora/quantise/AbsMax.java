/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise;

import org.tlora.engine.Tensor;

/** The greatest magnitude of each block of a matrix in four bits. */
public interface AbsMax extends AutoCloseable {
  /** That of a block. */
  float at(int block);

  /** What it is written as, [blocks]: float32, or uint8 where it is rounded itself. */
  Tensor codes();

  /** Bytes of memory that it takes. */
  long bytes();

  /** Whether all are finite. */
  boolean isFinite();

  @Override
  void close();

  /** As float32 numbers, [blocks], whose ownership is taken. */
  static AbsMax plain(Tensor values) {
    return new PlainAbsMax(values);
  }
}
