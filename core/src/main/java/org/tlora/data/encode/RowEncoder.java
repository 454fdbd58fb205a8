/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import org.tlora.data.Encoded;
import org.tlora.data.format.Example;
import org.tlora.data.format.ExampleFormat;
import org.tlora.data.format.Fields;
import org.tlora.data.format.Row;
import org.tlora.data.format.RowNotes;

/**
 * Makes rows of a data file into what a kind of model learns from. Called by several threads at
 * once.
 */
public interface RowEncoder {
  /**
   * Chooses how rows are read.
   *
   * @param name as {@code format} has it
   * @param fields override the format's own
   * @throws org.tlora.fault.Fault if there is no such format, or the row fits none
   */
  ExampleFormat format(String name, Fields fields, Row first);

  /**
   * Encodes an example.
   *
   * @param notes are told of what the model's template leaves out
   * @throws org.tlora.fault.InputFault if the model cannot learn from it
   */
  Encoded encode(Example example, RowNotes notes);

  /** Makes a row of its {@link Encoded#contents} again. */
  default Encoded decode(int[] contents) {
    return Encoded.of(contents);
  }

  /** The most tokens of a row. */
  int cutoffLength();
}
