/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.tlora.data.Encoded;
import org.tlora.data.RowFormat;
import org.tlora.data.file.DataFile;
import org.tlora.data.format.Example;
import org.tlora.data.format.ExampleFormat;
import org.tlora.data.format.ExampleFormats;
import org.tlora.data.format.Fields;
import org.tlora.data.format.OwnFormat;
import org.tlora.data.format.Row;
import org.tlora.data.format.RowNotes;
import org.tlora.engine.Engine;
import org.tlora.fault.InputFault;

/** Encoded rows of one or more files, with what was noticed while they were read. */
public final class DataSet implements AutoCloseable {
  /** So many bad rows are named. */
  private static final int NAMED = 5;

  private final EncodedRows stored;
  private final WeightedRows rows;
  private final NavigableMap<Integer, DataFile> files = new TreeMap<>(); // by their first row
  private long[] digests = new long[16]; // of all stored rows
  private long[] numbers = new long[16]; // of all stored rows in their files
  private final List<String> badRows = new ArrayList<>();
  private final String firstFile;
  private final RowNotes notes;
  private ExampleFormat format;
  private int bad;
  private int duplicates;
  private int cut;
  private int withoutSupervision;

  private DataSet(String firstFile, RowNotes notes, RowEncoder encoder) {
    stored = new EncodedRows(encoder::decode);
    rows = new WeightedRows(stored);
    this.firstFile = firstFile;
    this.notes = notes;
  }

  /**
   * Which rows are wanted, and how.
   *
   * @param format see {@link ExampleFormats#names()}
   * @param columns see {@link DataFile#columns}
   * @param skipBadRows whether a row that cannot be read is counted and passed over
   * @param failOnUnused whether a field that nothing uses is a fault; else it is named
   * @param learning what of conversations is learned
   * @param own a program's own format, or null
   */
  public record Reading(
      String format,
      Fields fields,
      List<String> columns,
      boolean skipBadRows,
      boolean failOnUnused,
      LearnOptions learning,
      RowFormat own) {
    /** As the rows themselves say; a bad one is a fault. */
    public static final Reading AUTOMATIC =
        new Reading("auto", Fields.OWN, List.of(), false, false, LearnOptions.DEFAULT, null);

    /** Its name: of a program's own format, that one's. */
    public String formatName() {
      return own == null ? format : own.name();
    }

    /** The same, passing over rows that cannot be read. */
    public Reading skippingBadRows() {
      return new Reading(format, fields, columns, true, failOnUnused, learning, own);
    }

    /** How the rows are read whose first is this one. */
    ExampleFormat formatFor(RowEncoder encoder, Row first) {
      return own == null ? encoder.format(format, fields, first) : new OwnFormat(own);
    }

    /** Whether a format may read a field of that name. */
    boolean wants(String field) {
      return own != null
          || ExampleFormats.fieldNames().contains(field)
          || fields.given().contains(field);
    }
  }

  /**
   * Reads and encodes files.
   *
   * @throws InputFault if a file or row is wrong, or no row has a supervised token
   */
  public static DataSet read(List<DataFile> files, Reading reading, RowEncoder encoder) {
    DataSet data = new DataSet(files.get(0).name(), new RowNotes(reading.failOnUnused()), encoder);
    try (OrderedWork work = OrderedWork.on(Engine.threads())) {
      for (DataFile file : files) {
        data.add(file, reading, encoder, work);
      }
      if (data.rows.isEmpty()) {
        throw new InputFault(
            files.get(0).name()
                + (data.bad > 0
                    ? " has no row that can be read"
                    : ": no row has a response within `cutoffLength` "
                        + encoder.cutoffLength()
                        + "; raise it"));
      }
    } catch (RuntimeException e) {
      data.close();
      throw e;
    }
    data.countDuplicates();
    return data;
  }

  private void add(DataFile file, Reading reading, RowEncoder encoder, OrderedWork work) {
    int from = stored.size();
    files.put(from, file);
    EncodingSink sink =
        new EncodingSink(reading, encoder, notes, work) {
          @Override
          void encoded(Row row, Example example, Encoded encoded) {
            add(encoded, row.number(), encoder.cutoffLength());
          }

          @Override
          void skipped(String message) {
            count(message);
          }
        };
    sink.read(file);
    format = format == null ? sink.format() : format;
    int learned = stored.size() - from;
    if (learned > 0 && !rows.add(from, stored.size(), file.weight())) {
      throw new InputFault(
          String.format(
              Locale.ROOT,
              "%s: the weight in `data` %s leaves none of %,d %s; raise it",
              file.name(),
              file,
              learned,
              learned == 1 ? "row" : "rows"));
    }
  }

  private void count(String message) {
    bad++;
    if (badRows.size() < NAMED) {
      badRows.add(message);
    }
  }

  private void add(Encoded encoded, long number, int cutoffLength) {
    if (encoded.ids().length >= cutoffLength) {
      cut++;
    }
    if (encoded.supervisedTokens() == 0) {
      withoutSupervision++;
      return;
    }
    int n = stored.size();
    if (n == digests.length) {
      digests = Arrays.copyOf(digests, 2 * n);
      numbers = Arrays.copyOf(numbers, 2 * n);
    }
    digests[n] = RowDigest.of(encoded.ids());
    numbers[n] = number;
    stored.add(encoded);
  }

  private void countDuplicates() {
    long distinct = Arrays.stream(digests, 0, stored.size()).distinct().count();
    duplicates = Math.toIntExact(stored.size() - distinct);
    digests = new long[0];
  }

  /** The rows with at least one supervised token, file by file, as often as weights say. */
  public List<Encoded> rows() {
    return rows;
  }

  /** Names one of {@link #rows} by its file and its number there. */
  public String where(int index) {
    int stored = rows.rowAt(index);
    return files.floorEntry(stored).getValue().name() + ", row " + numbers[stored];
  }

  /** What was read and noticed, a line each. */
  public List<String> summary() {
    List<String> lines = new ArrayList<>();
    StringBuilder first = new StringBuilder();
    first.append(
        String.format(Locale.ROOT, "%s: %,d rows as %s", firstFile, rows.size(), format.name()));
    append(first, withoutSupervision, "left out, nothing of them within the cut-off is learned");
    append(first, cut, "reach the cut-off");
    append(first, duplicates, "are duplicates");
    append(first, bad, "could not be read and were skipped");
    lines.add(first.toString());
    lines.addAll(badRows);
    if (bad > badRows.size() && !badRows.isEmpty()) {
      lines.add(String.format(Locale.ROOT, "... and %,d more", bad - badRows.size()));
    }
    lines.addAll(notes.lines());
    return lines;
  }

  private static void append(StringBuilder line, int count, String what) {
    if (count > 0) {
      line.append(String.format(Locale.ROOT, "; %,d %s", count, what));
    }
  }

  @Override
  public void close() {
    stored.close();
  }
}
