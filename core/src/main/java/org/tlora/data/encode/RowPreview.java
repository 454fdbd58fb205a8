/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import java.util.List;
import java.util.function.Consumer;
import org.tlora.data.Encoded;
import org.tlora.data.file.DataFile;
import org.tlora.data.file.RowStop;
import org.tlora.data.format.Example;
import org.tlora.data.format.Row;
import org.tlora.data.format.RowNotes;
import org.tlora.fault.InputFault;

/** Rows one by one as training would see them. */
public final class RowPreview {
  private RowPreview() {}

  /**
   * A row.
   *
   * @param number from 1, as in messages
   * @param format how it was read
   * @param example what it teaches
   * @param encoded what the model sees
   */
  public record Seen(long number, String format, Example example, Encoded encoded) {}

  /**
   * Hands over the first rows of a file.
   *
   * @param most rows
   * @param each takes rows as they are read
   * @return what was noticed
   * @throws InputFault if the file or a row is wrong and bad rows are not passed over
   */
  public static List<String> of(
      DataFile file, DataSet.Reading reading, RowEncoder encoder, long most, Consumer<Seen> each) {
    Viewer viewer = new Viewer(reading, encoder, new RowNotes(reading.failOnUnused()), most, each);
    try {
      viewer.read(file);
    } catch (RowStop e) {
      // enough
    }
    return viewer.notes.lines();
  }

  private static final class Viewer extends EncodingSink {
    private final RowEncoder encoder;
    private final long most;
    private final Consumer<Seen> each;
    private final RowNotes notes;
    private long seen;

    Viewer(
        DataSet.Reading reading,
        RowEncoder encoder,
        RowNotes notes,
        long most,
        Consumer<Seen> each) {
      super(reading, encoder, notes, OrderedWork.atOnce());
      this.encoder = encoder;
      this.notes = notes;
      this.most = most;
      this.each = each;
    }

    @Override
    public void row(Row row) {
      if (seen >= most) {
        throw new RowStop();
      }
      super.row(row);
      seen++;
    }

    @Override
    void encoded(Row row, Example example, Encoded encoded) {
      each.accept(new Seen(row.number(), format().name(), example, encoded));
      if (encoded.supervisedTokens() == 0) {
        notes.add(
            "nothing within the cut-off is learned, training leaves the row out", row.where());
      } else if (encoded.ids().length >= encoder.cutoffLength()) {
        notes.add("the cut-off of " + encoder.cutoffLength() + " tokens is reached", row.where());
      }
    }

    @Override
    void skipped(String message) {
      notes.add("skipped: " + message, "bad row");
    }
  }
}
