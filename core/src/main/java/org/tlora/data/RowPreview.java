package org.tlora.data;

import java.util.List;
import java.util.function.Consumer;
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
    Viewer viewer = new Viewer(reading, encoder, most, each);
    try {
      RowFiles.read(file.withColumns(reading.columns()), viewer, reading::wants);
    } catch (RowStop e) {
      // enough
    }
    if (!viewer.any) {
      throw new InputFault(file.name() + " has no rows");
    }
    return viewer.notes.lines();
  }

  private static final class Viewer implements RowSink {
    private final DataSet.Reading reading;
    private final RowEncoder encoder;
    private final long most;
    private final Consumer<Seen> each;
    private final RowNotes notes;
    private ExampleFormat format;
    private long seen;
    private boolean any;

    Viewer(DataSet.Reading reading, RowEncoder encoder, long most, Consumer<Seen> each) {
      this.reading = reading;
      this.encoder = encoder;
      this.most = most;
      this.each = each;
      this.notes = new RowNotes(reading.failOnUnused());
    }

    @Override
    public void row(Row row) {
      any = true;
      if (seen >= most) {
        throw new RowStop();
      }
      try {
        if (format == null) {
          format = encoder.format(reading.format(), reading.fields(), row);
        }
        Example example = format.read(row, notes);
        Encoded encoded = encoder.encode(example, notes);
        each.accept(new Seen(row.number(), format.name(), example, encoded));
        if (encoded.supervisedTokens() == 0) {
          notes.add(
              "nothing within the cut-off is learned, training leaves the row out", row.where());
        } else if (encoded.ids().length >= encoder.cutoffLength()) {
          notes.add("the cut-off of " + encoder.cutoffLength() + " tokens is reached", row.where());
        }
      } catch (InputFault e) {
        skip(e.getMessage(), e);
      }
      seen++;
    }

    @Override
    public void bad(String where, String reason) {
      any = true;
      skip(where + " " + reason, null);
    }

    private void skip(String message, InputFault fault) {
      if (!reading.skipBadRows()) {
        throw fault != null
            ? fault
            : new InputFault(message + " (--on-bad-row skip passes over it)");
      }
      notes.add("skipped: " + message, "bad row");
    }

    @Override
    public void unused(String field, String where) {
      notes.unused(field, where);
    }
  }
}
