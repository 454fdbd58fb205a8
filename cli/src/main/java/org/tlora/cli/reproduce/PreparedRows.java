/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.reproduce;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.tlora.data.file.DataFile;
import org.tlora.data.file.RowFiles;
import org.tlora.data.file.RowSink;
import org.tlora.data.format.Row;
import org.tlora.fault.InputFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;

/**
 * Makes the files of rows that a protocol trains and calibrates on, where they are not whole ones.
 */
final class PreparedRows {
  private PreparedRows() {}

  /**
   * The rows to train on.
   *
   * @param source the published file
   * @param to what is written where rows are chosen or rewritten; one that exists is taken as it is
   * @return {@code source} or {@code to}
   */
  static Path trained(Protocol.Rows rows, Path source, Path to) {
    if (rows.first() == 0 && rows.number() == null && rows.prompt() == null) {
      return source;
    }
    if (Files.exists(to)) {
      return to;
    }
    long[] written = new long[1];
    AtomicFiles.write(
        to,
        out ->
            RowFiles.read(
                DataFile.of(source),
                sink(
                    row -> {
                      if (belongs(rows, row) && (rows.first() == 0 || written[0] < rows.first())) {
                        out.write(line(rows, row));
                        written[0]++;
                      }
                    })));
    if (written[0] == 0) {
      throw new InputFault(source + " has no row of those that the protocol trains on");
    }
    return to;
  }

  /** The rows to calibrate on: the first of all of the file in the order of a shuffle. */
  static void calibrated(
      Protocol.Rows rows, Protocol.Calibration calibration, Path source, Path to) {
    if (Files.exists(to)) {
      return;
    }
    int all = Math.toIntExact(RowFiles.count(DataFile.of(source)));
    int[] order = NumpyPermutation.of(calibration.seed(), all);
    int[] first = Arrays.copyOf(order, Math.min(calibration.rows(), all));
    Map<Integer, Row> found = new HashMap<>();
    TreeSet<Integer> wanted = new TreeSet<>();
    Arrays.stream(first).forEach(wanted::add);
    int[] number = new int[1];
    RowFiles.read(
        DataFile.of(source),
        sink(
            row -> {
              if (wanted.contains(number[0])) {
                found.put(number[0], row);
              }
              number[0]++;
            }));
    AtomicFiles.write(
        to,
        out -> {
          for (int index : first) {
            out.write(line(rows, found.get(index)));
          }
        });
  }

  private interface Each {
    void row(Row row) throws IOException;
  }

  private static RowSink sink(Each each) {
    return new RowSink() {
      @Override
      public void row(Row row) {
        try {
          each.row(row);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }

      @Override
      public void bad(String where, String reason) {
        throw new InputFault(where + " " + reason);
      }
    };
  }

  private static boolean belongs(Protocol.Rows rows, Row row) {
    if (rows.number() == null) {
      return true;
    }
    return row.value(rows.number()) instanceof Number n
        && n.longValue() >= rows.least()
        && n.longValue() <= rows.most();
  }

  private static byte[] line(Protocol.Rows rows, Row row) {
    ObjectNode fields = row.fields();
    if (rows.prompt() != null) {
      boolean hasInput = row.has("input") && !row.text("input").isEmpty();
      String prompt = filled(hasInput ? rows.promptWithInput() : rows.prompt(), row);
      fields = Json.object().put("prompt", prompt).put("response", row.text(rows.response()));
    }
    return (Json.compact(fields) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** A template's {@code {instruction}} and {@code {input}}, each of which it has at most once. */
  private static String filled(String template, Row row) {
    String text = template;
    int end = text.length();
    for (String field : List.of("input", "instruction")) { // from behind: texts may hold braces
      int at = text.lastIndexOf("{" + field + "}", end);
      if (at >= 0) {
        text = text.substring(0, at) + row.text(field) + text.substring(at + field.length() + 2);
        end = at;
      }
    }
    return text;
  }
}
