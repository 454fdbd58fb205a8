/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.tlora.data.format.Row;
import org.tlora.fault.InputFault;

/**
 * Values between separators, with the fields' names in the first line unless the file has
 * {@linkplain DataFile#columns names} for them. CSV is quoted as in RFC 4180. TSV is not: its
 * registration with IANA knows no quotes, and files such as GLUE's have lone ones.
 */
final class DelimitedRowReader implements RowReader {
  private final char separator;
  private final String ending;

  DelimitedRowReader(char separator, String ending) {
    this.separator = separator;
    this.ending = ending;
  }

  @Override
  public List<String> endings() {
    return List.of(ending);
  }

  @Override
  public void read(DataFile file, InputStream bytes, RowSink sink, Predicate<String> wanted)
      throws IOException {
    CsvMapper mapper =
        CsvMapper.builder()
            .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
            .enable(CsvParser.Feature.FAIL_ON_MISSING_COLUMNS)
            .build();
    CsvSchema schema = schema(file.columns());
    long number = 0;
    try (MappingIterator<ObjectNode> rows =
        mapper.readerFor(ObjectNode.class).with(schema).readValues(Lines.characters(bytes))) {
      while (true) {
        number++;
        try {
          if (!rows.hasNextValue()) {
            return;
          }
          ObjectNode row = rows.nextValue();
          if (number == 1) {
            requireDifferent(file, (CsvSchema) rows.getParserSchema());
          }
          sink.row(new Row(file.path(), number, row));
        } catch (JsonProcessingException e) {
          sink.bad(file.name() + ", row " + number, "is damaged: " + e.getOriginalMessage());
        }
      }
    } catch (JsonProcessingException e) {
      throw new InputFault(file.name() + " is damaged: " + e.getOriginalMessage(), e);
    }
  }

  /** One of two columns of a name would be lost. */
  private static void requireDifferent(DataFile file, CsvSchema schema) {
    Set<String> names = new HashSet<>();
    for (CsvSchema.Column column : schema) {
      if (!names.add(column.getName())) {
        throw new InputFault(file.name() + " has column '" + column.getName() + "' twice");
      }
    }
  }

  private CsvSchema schema(List<String> columns) {
    CsvSchema.Builder schema = CsvSchema.builder().setColumnSeparator(separator);
    if (separator == '\t') {
      schema.disableQuoteChar();
    }
    columns.forEach(schema::addColumn);
    return schema.setUseHeader(columns.isEmpty()).build();
  }
}
