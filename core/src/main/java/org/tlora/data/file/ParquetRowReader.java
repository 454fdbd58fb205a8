/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.file;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.jerolba.carpet.io.FileSystemInputFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.schema.MessageType;
import org.tlora.data.format.Row;
import org.tlora.fault.InputFault;

/** Apache Parquet; nested lists and groups become those of JSON. */
final class ParquetRowReader implements RowReader {
  @Override
  public List<String> endings() {
    return List.of("parquet");
  }

  /** Parquet is read from its end, so from the file itself and not from its bytes in order. */
  @Override
  @SuppressWarnings("rawtypes") // the library's way to ask for rows of any shape
  public void read(DataFile file, InputStream bytes, RowSink sink, Predicate<String> wanted)
      throws IOException {
    if (file.isStandardInput()) {
      throw new InputFault("Parquet cannot be read from standard input");
    }
    long number = 0;
    try {
      MessageType schema = checkedSchema(file);
      ParquetColumns columns = ParquetColumns.of(schema, wanted);
      columns.requireSome(file.name());
      try (ParquetReader<Map> rows =
          columns.reader(new FileSystemInputFile(file.path().toFile())).build()) {
        for (Map row = rows.read(); row != null; row = rows.read()) {
          number++;
          ObjectNode fields = ParquetColumns.json(row);
          sink.row(new Row(file.path(), number, fields));
          for (String column : columns.leftOut()) {
            sink.unused("'" + column + "'", file.name() + ", row " + number);
          }
        }
      }
    } catch (RowStop | InputFault e) {
      throw e;
    } catch (OutOfMemoryError e) {
      throw new InputFault(
          file.name()
              + " is not a whole Parquet file, or has pages that do not fit in memory (row "
              + number
              + ")",
          e);
    } catch (LinkageError e) {
      throw new InputFault(
          file.name()
              + " is compressed in a way that cannot be read here; write it with Snappy, gzip or"
              + " Zstandard",
          e);
    } catch (RuntimeException e) {
      throw new InputFault(
          file.name() + " is not a whole Parquet file (row " + number + "): " + e.getMessage(), e);
    }
  }

  /**
   * Every row has a value in every column, be it that there is none; a file that claims more rows
   * would be read as so many empty ones.
   */
  private static MessageType checkedSchema(DataFile file) throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(new FileSystemInputFile(file.path().toFile()))) {
      for (BlockMetaData rows : reader.getFooter().getBlocks()) {
        for (ColumnChunkMetaData column : rows.getColumns()) {
          if (column.getValueCount() < rows.getRowCount()) {
            throw new InputFault(
                file.name()
                    + " is not a whole Parquet file: "
                    + rows.getRowCount()
                    + " rows with "
                    + column.getValueCount()
                    + " values of "
                    + column.getPath().toDotString());
          }
        }
      }
      return reader.getFooter().getFileMetaData().getSchema();
    }
  }
}
