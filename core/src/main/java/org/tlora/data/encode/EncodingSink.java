/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import org.tlora.data.Encoded;
import org.tlora.data.file.DataFile;
import org.tlora.data.file.RowFiles;
import org.tlora.data.file.RowSink;
import org.tlora.data.format.Example;
import org.tlora.data.format.ExampleFormat;
import org.tlora.data.format.Row;
import org.tlora.data.format.RowNotes;
import org.tlora.fault.InputFault;

/**
 * Encodes the rows of a file, in the format that its first row has or that is asked for; a bad row
 * is a fault, or is passed over. Training and its preview both read through it.
 */
abstract class EncodingSink implements RowSink {
  private final DataSet.Reading reading;
  private final RowEncoder encoder;
  private final RowNotes notes;
  private ExampleFormat format; // null: no row was read yet
  private boolean any;

  EncodingSink(DataSet.Reading reading, RowEncoder encoder, RowNotes notes) {
    this.reading = reading;
    this.encoder = encoder;
    this.notes = notes;
  }

  /**
   * Reads a file.
   *
   * @throws InputFault if it has no rows, or it or one of them is wrong
   */
  final void read(DataFile file) {
    RowFiles.read(file.withColumns(reading.columns()), this, reading::wants);
    if (!any) {
      throw new InputFault(file.name() + " has no rows");
    }
  }

  /** Takes a row. */
  abstract void encoded(Row row, Example example, Encoded encoded);

  /** Takes the message of a bad row that is passed over. */
  abstract void skipped(String message);

  /** How rows are read; null if none could be. */
  final ExampleFormat format() {
    return format;
  }

  @Override
  public void row(Row row) {
    any = true;
    try {
      if (format == null) {
        format = reading.formatFor(encoder, row);
      }
      Example example = format.read(row, notes);
      encoded(row, example, encoder.encode(example, notes));
    } catch (InputFault e) {
      if (!reading.skipBadRows()) {
        throw e;
      }
      skipped(e.getMessage());
    }
  }

  @Override
  public final void bad(String where, String reason) {
    any = true;
    if (!reading.skipBadRows()) {
      throw new InputFault(where + " " + reason + " (`onBadRow` skip passes over it)");
    }
    skipped(where + " " + reason);
  }

  @Override
  public final void unused(String field, String where) {
    notes.unused(field, where);
  }
}
