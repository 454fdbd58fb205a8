/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tlora.data.Encoded;
import org.tlora.data.encode.MeasuringEncoder.Measured;
import org.tlora.data.file.DataFile;
import org.tlora.data.format.Example;
import org.tlora.data.format.Row;
import org.tlora.data.format.RowNotes;
import org.tlora.fault.InputFault;

/**
 * What all rows of some files come to in training: lengths, what the cut-off loses, what is
 * learned, which rows are there twice, which are refused and why. Of a row no more is held than a
 * digest and its place.
 */
public final class RowsSurvey {
  /** So many refused rows, and as many duplicates, are named. */
  public static final int NAMED = 20;

  /** Files in one survey, by the bits that say which one a row is of. */
  private static final int MOST_FILES = 1 << 20;

  private static final int NUMBER_BITS = 43;

  private final List<DataFile> files;
  private final DataSet.Reading reading;
  private final MeasuringEncoder encoder;
  private final RowNotes notes;
  private final LengthCounts lengths = new LengthCounts();
  private final SeenRows seen = new SeenRows();
  private final Map<String, Long> formats = new TreeMap<>();
  private final List<Duplicate> named = new ArrayList<>();
  private final List<String> refusals = new ArrayList<>();
  private long refused;
  private long duplicates;
  private long cutRows;
  private long lostTokens;
  private long lostLearned;
  private long learned;
  private long unlearnedRows;

  /** A row that is the same to the token as an earlier one; both with their file and number. */
  public record Duplicate(String row, String first) {}

  /** Is told while rows are gone through. */
  public interface Watcher {
    /** One of the first rows of a file. */
    void row(DataFile file, RowPreview.Seen row);

    /** So many rows were gone through, refused ones too. */
    default void counted(long rows) {}
  }

  private RowsSurvey(List<DataFile> files, DataSet.Reading reading, MeasuringEncoder encoder) {
    this.files = List.copyOf(files);
    this.reading = reading;
    this.encoder = encoder;
    notes = new RowNotes(reading.failOnUnused());
  }

  /**
   * Goes through all rows.
   *
   * @param reading whether bad rows are to be skipped changes nothing but what is noted of them:
   *     all are passed over and named
   * @param whole encodes rows without a cut-off
   * @param cut encodes them as training does
   * @param threads that encode
   * @param shown so many rows of each file are handed over, as training sees them
   * @throws InputFault if a file cannot be read, or has no rows
   */
  public static RowsSurvey of(
      List<DataFile> files,
      DataSet.Reading reading,
      RowEncoder whole,
      RowEncoder cut,
      int threads,
      long shown,
      Watcher watcher) {
    if (files.size() > MOST_FILES) {
      throw new InputFault("more than " + MOST_FILES + " files of rows");
    }
    RowsSurvey survey = new RowsSurvey(files, reading, new MeasuringEncoder(whole, cut));
    try (OrderedWork work = OrderedWork.on(threads)) {
      for (int file = 0; file < files.size(); file++) {
        survey.new Sink(file, work, shown, watcher).read(files.get(file));
      }
    }
    return survey;
  }

  private final class Sink extends EncodingSink {
    private final int file;
    private final long most;
    private final Watcher watcher;
    private long shown;

    Sink(int file, OrderedWork work, long most, Watcher watcher) {
      super(reading.skippingBadRows(), encoder, notes, work);
      this.file = file;
      this.most = most;
      this.watcher = watcher;
    }

    @Override
    void encoded(Row row, Example example, Encoded encoded) {
      Measured measured = (Measured) encoded; // as the encoder makes them
      if (shown < most) {
        shown++;
        watcher.row(
            files.get(file),
            new RowPreview.Seen(row.number(), format().name(), example, measured.row()));
      }
      formats.merge(format().name(), 1L, Long::sum);
      count(row, measured);
      long before = seen.put(measured.digest(), place(row.number()));
      if (before != SeenRows.NONE) {
        duplicates++;
        if (named.size() < NAMED) {
          named.add(new Duplicate(row.where(), where(before)));
        }
      }
      watcher.counted(rows() + refused);
    }

    private long place(long number) {
      return ((long) file << NUMBER_BITS) | number;
    }

    @Override
    void skipped(String message) {
      refused++;
      if (refusals.size() < NAMED) {
        refusals.add(message);
      }
      if (reading.skipBadRows()) {
        notes.add("skipped: " + message, "bad row");
      }
      watcher.counted(rows() + refused);
    }
  }

  private void count(Row row, Measured m) {
    int tokens = m.ids().length;
    lengths.add(m.wholeTokens());
    learned += m.supervisedTokens();
    if (m.wholeTokens() > tokens) {
      cutRows++;
      lostTokens += m.wholeTokens() - tokens;
      lostLearned += m.wholeLearned() - m.supervisedTokens();
    }
    if (m.supervisedTokens() == 0) {
      unlearnedRows++;
      notes.add("nothing within the cut-off is learned, training leaves the row out", row.where());
    } else if (m.wholeTokens() > tokens) {
      notes.add("the cut-off of " + cutoffLength() + " tokens cuts the row", row.where());
    }
  }

  private String where(long place) {
    DataFile file = files.get((int) (place >>> NUMBER_BITS));
    return file.name() + ", row " + (place & ((1L << NUMBER_BITS) - 1));
  }

  /** Rows that could be read and encoded. */
  public long rows() {
    return lengths.rows();
  }

  /** How long they are before the cut-off. */
  public LengthCounts lengths() {
    return lengths;
  }

  /** The most tokens of a row in training. */
  public int cutoffLength() {
    return encoder.cutoffLength();
  }

  /** Rows that lose tokens to the cut-off. */
  public long cutRows() {
    return cutRows;
  }

  /** Tokens that they lose. */
  public long lostTokens() {
    return lostTokens;
  }

  /** Those of them that would have been learned. */
  public long lostLearned() {
    return lostLearned;
  }

  /** Tokens (of labelled rows, labels) within the cut-off that are learned. */
  public long learned() {
    return learned;
  }

  /** Rows of which nothing within the cut-off is learned, which training leaves out. */
  public long unlearnedRows() {
    return unlearnedRows;
  }

  /** Rows that are the same to the token as an earlier one, what is learned of them included. */
  public long duplicates() {
    return duplicates;
  }

  /** The first {@link #NAMED} of them. */
  public List<Duplicate> firstDuplicates() {
    return Collections.unmodifiableList(named);
  }

  /** Rows that cannot be read or encoded. */
  public long refused() {
    return refused;
  }

  /** What is wrong with the first {@link #NAMED} of them. */
  public List<String> refusals() {
    return Collections.unmodifiableList(refusals);
  }

  /** How many rows were read in which format. */
  public Map<String, Long> formats() {
    return Collections.unmodifiableMap(formats);
  }

  /** What was noticed, a line each. */
  public List<String> notes() {
    return notes.lines();
  }
}
