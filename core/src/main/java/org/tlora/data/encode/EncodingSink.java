/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import java.util.function.Supplier;
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
  private final OrderedWork work;
  private ExampleFormat format; // null: no row was read yet
  private boolean any;

  /**
   * A sink.
   *
   * @param work does the encoding; stays its owner's
   */
  EncodingSink(DataSet.Reading reading, RowEncoder encoder, RowNotes notes, OrderedWork work) {
    this.reading = reading;
    this.encoder = encoder;
    this.notes = notes;
    this.work = work;
  }

  /**
   * Reads a file.
   *
   * @throws InputFault if it has no rows, or it or one of them is wrong
   */
  final void read(DataFile file) {
    RowFiles.read(file.withColumns(reading.columns()), this, reading::wants);
    work.finish();
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
    RowNotes own = notes.forOneRow();
    Supplier<Example> reader;
    try {
      if (format == null) {
        format = reading.formatFor(encoder, row);
      }
      // a program's own format is called by one thread
      Example known = reading.own() == null ? null : format.read(row, own);
      ExampleFormat chosen = format;
      reader = () -> known == null ? chosen.read(row, own) : known;
    } catch (InputFault e) {
      work.add(() -> () -> failed(e, own));
      return;
    }
    work.add(() -> encoded(row, reader, own));
  }

  private Runnable encoded(Row row, Supplier<Example> reader, RowNotes own) {
    try {
      Example example = reader.get();
      Encoded encoded = encoder.encode(example, own);
      return () -> {
        notes.add(own);
        encoded(row, example, encoded);
      };
    } catch (InputFault e) {
      return () -> failed(e, own);
    }
  }

  private void failed(InputFault fault, RowNotes own) {
    notes.add(own);
    if (!reading.skipBadRows()) {
      throw fault;
    }
    skipped(fault.getMessage());
  }

  @Override
  public final void bad(String where, String reason) {
    any = true;
    work.add(
        () ->
            () -> {
              if (!reading.skipBadRows()) {
                throw new InputFault(where + " " + reason + " (`onBadRow` skip passes over it)");
              }
              skipped(where + " " + reason);
            });
  }

  @Override
  public final void unused(String field, String where) {
    work.add(() -> () -> notes.unused(field, where));
  }
}
