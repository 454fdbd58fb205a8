/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.tlora.data.Labels;
import org.tlora.data.file.DataFile;
import org.tlora.data.file.RowFiles;
import org.tlora.data.file.RowSink;
import org.tlora.data.format.Example;
import org.tlora.data.format.ExampleFormat;
import org.tlora.data.format.LabelledFormats;
import org.tlora.data.format.OwnFormat;
import org.tlora.data.format.Row;
import org.tlora.data.format.RowNotes;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;

/** Finds out what the rows of files are labelled with. */
public final class LabelScan {
  private LabelScan() {}

  /**
   * Goes through the rows once.
   *
   * @throws InputFault if a file cannot be read, or the labels make no sense
   * @throws UsageFault if rows come from standard input, which can be gone through once only
   */
  public static Labels of(List<DataFile> files, DataSet.Reading reading) {
    Set<String> seen = new TreeSet<>();
    for (DataFile file : files) {
      if (file.isStandardInput()) {
        throw new UsageFault("rows of standard input need `labels`");
      }
      RowFiles.read(file.withColumns(reading.columns()), new Collector(reading, seen));
    }
    if (seen.isEmpty()) {
      throw new InputFault(files.get(0).name() + " has no row with a label");
    }
    return Labels.observed(seen, files.get(0).name());
  }

  /** Bad rows are left to the reading that follows. */
  private static final class Collector implements RowSink {
    private final DataSet.Reading reading;
    private final Set<String> seen;
    private final RowNotes notes = new RowNotes(false); // the reading that follows says them
    private ExampleFormat format;

    Collector(DataSet.Reading reading, Set<String> seen) {
      this.reading = reading;
      this.seen = seen;
    }

    @Override
    public void row(Row row) {
      if (format == null) {
        format =
            reading.own() == null
                ? LabelledFormats.choose(reading.format(), reading.fields(), row)
                : new OwnFormat(reading.own());
      }
      try {
        if (format.read(row, notes) instanceof Example.Labelled labelled) {
          seen.add(labelled.label()); // what has none is refused when it is encoded
        }
      } catch (InputFault e) {
        if (!reading.skipBadRows()) {
          throw e;
        }
      }
    }

    @Override
    public void bad(String where, String reason) {}
  }
}
