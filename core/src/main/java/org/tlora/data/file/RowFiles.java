/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.tlora.data.format.Row;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import org.tlora.text.HalfLetters;

/**
 * Reads rows of files of all known formats: JSONL and JSON, CSV and TSV, Parquet and plain text,
 * the text formats also compressed with gzip or Zstandard, recognised by their contents. Files are
 * streamed; nothing is held but the row at hand.
 */
public final class RowFiles {
  private static final int BUFFER = 1 << 16;
  private static final byte[] GZIP = {(byte) 0x1f, (byte) 0x8b};
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};
  private static final byte[] ZSTANDARD = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};

  /** The first is for names that tell nothing. A new format is a class and an entry. */
  private static final List<RowReader> READERS =
      List.of(
          new JsonRowReader(),
          new DelimitedRowReader(',', "csv"),
          new DelimitedRowReader('\t', "tsv"),
          new ParquetRowReader(),
          new TextRowReader());

  private RowFiles() {}

  /**
   * All rows of a file, which must fit in memory.
   *
   * @throws InputFault if it cannot be read, has no rows, or one of them is damaged
   */
  public static List<Row> read(DataFile file) {
    return first(file, Integer.MAX_VALUE);
  }

  /** The first rows of a file, at most {@code most}. */
  public static List<Row> first(DataFile file, int most) {
    List<Row> rows = new ArrayList<>();
    try {
      read(
          file,
          failing(
              row -> {
                rows.add(row);
                if (rows.size() == most) {
                  throw new RowStop();
                }
              }));
    } catch (RowStop e) {
      // enough
    }
    if (rows.isEmpty()) {
      throw new InputFault(file.name() + " has no rows");
    }
    return rows;
  }

  /** How many rows a file has; bad ones count. */
  public static long count(DataFile file) {
    long[] rows = new long[1];
    read(
        file,
        new RowSink() {
          @Override
          public void row(Row row) {
            rows[0]++;
          }

          @Override
          public void bad(String where, String reason) {
            rows[0]++;
          }
        });
    return rows[0];
  }

  private static RowSink failing(Consumer<Row> rows) {
    return new RowSink() {
      @Override
      public void row(Row row) {
        rows.accept(row);
      }

      @Override
      public void bad(String where, String reason) {
        throw new InputFault(where + " " + reason);
      }
    };
  }

  /**
   * Hands every row to {@code sink}.
   *
   * @throws InputFault if the file cannot be read
   */
  public static void read(DataFile file, RowSink sink) {
    read(file, sink, field -> true);
  }

  /**
   * Hands every row to {@code sink}, of which files that store fields apart may leave out those
   * that are not wanted.
   *
   * @throws InputFault if the file cannot be read
   */
  public static void read(DataFile file, RowSink sink, Predicate<String> wanted) {
    RowReader reader = readerOf(file);
    if (!file.columns().isEmpty() && !(reader instanceof DelimitedRowReader)) {
      throw new UsageFault("`columns` names those of CSV and TSV files, which " + file + " is not");
    }
    try {
      if (file.isStandardInput()) {
        read(file, reader, System.in, sink, wanted);
        return;
      }
      try (WatchedFile raw = new WatchedFile(file.path())) {
        read(file, reader, raw, sink, wanted);
      }
    } catch (EOFException | ZipException e) {
      throw new InputFault(file.name() + " is truncated or damaged: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new InputFault(file.name() + " cannot be read: " + Json.reason(e), e);
    }
  }

  private static void read(
      DataFile file, RowReader reader, InputStream raw, RowSink sink, Predicate<String> wanted)
      throws IOException {
    try (BufferedInputStream bytes = decompressed(new BufferedInputStream(raw, BUFFER))) {
      if (startsWith(bytes, BYTE_ORDER_MARK)) {
        bytes.skipNBytes(BYTE_ORDER_MARK.length);
      }
      reader.read(file, bytes, new WholeLetters(sink), wanted);
      if (raw instanceof WatchedFile watched) {
        watched.requireUnchanged();
      }
    }
  }

  private static RowReader readerOf(DataFile file) {
    String ending = file.ending();
    return READERS.stream()
        .filter(r -> r.endings().contains(ending))
        .findFirst()
        .orElse(READERS.get(0));
  }

  private static BufferedInputStream decompressed(BufferedInputStream in) throws IOException {
    if (startsWith(in, GZIP)) {
      return new BufferedInputStream(new GZIPInputStream(in, BUFFER), BUFFER);
    }
    if (startsWith(in, ZSTANDARD)) {
      return new BufferedInputStream(new ZstdInputStream(in).setContinuous(false), BUFFER);
    }
    return in;
  }

  private static boolean startsWith(BufferedInputStream in, byte[] magic) throws IOException {
    in.mark(magic.length);
    byte[] first = in.readNBytes(magic.length);
    in.reset();
    return java.util.Arrays.equals(first, magic);
  }

  /** Passes on what is whole; a row with half a letter is a bad one. */
  private record WholeLetters(RowSink sink) implements RowSink {
    @Override
    public void row(Row row) {
      for (Map.Entry<String, JsonNode> e : row.fields().properties()) {
        if (HalfLetters.areIn(e.getValue())) {
          sink.bad(
              row.where(),
              "has half a letter (a surrogate without its other half) in field '"
                  + e.getKey()
                  + "'");
          return;
        }
      }
      sink.row(row);
    }

    @Override
    public void bad(String where, String reason) {
      sink.bad(where, reason);
    }

    @Override
    public void unused(String field, String where) {
      sink.unused(field, where);
    }
  }
}
