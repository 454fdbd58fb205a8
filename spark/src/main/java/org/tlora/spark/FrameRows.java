/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.spark;

import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;

/** Rows of any source that Spark reads, as lines of JSON in an order that is the same each time. */
final class FrameRows {
  private FrameRows() {}

  /**
   * Reads a source.
   *
   * @param source a table, or a path with {@code format}
   * @param format such as parquet or json; null: {@code source} is a table
   * @param columns {@code FIELD=EXPRESSION}, what a row's fields are made of; none: its columns
   */
  static Dataset<Row> read(SparkSession spark, String source, String format, List<String> columns) {
    Dataset<Row> all =
        format == null ? spark.table(source) : spark.read().format(format).load(source);
    if (columns.isEmpty()) {
      return all;
    }
    Column[] chosen =
        columns.stream()
            .map(
                c -> {
                  int at = c.indexOf('=');
                  if (at < 1) {
                    throw new UsageFault("--column " + c + " is not FIELD=EXPRESSION");
                  }
                  return functions.expr(c.substring(at + 1)).as(c.substring(0, at));
                })
            .toArray(Column[]::new);
    return all.select(chosen);
  }

  /**
   * All rows as JSON lines. A frame has no order of its own, and a run's rows must: they are sorted
   * by their text.
   *
   * @throws InputFault if there is none
   */
  static String lines(Dataset<Row> rows) {
    List<String> lines = rows.toJSON().sort("value").collectAsList();
    if (lines.isEmpty()) {
      throw new InputFault("the source has no rows");
    }
    return String.join("\n", lines) + "\n";
  }
}
