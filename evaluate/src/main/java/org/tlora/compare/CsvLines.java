/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.util.List;
import java.util.Map;

/** Lines of a CSV file, the first of which names the columns. */
final class CsvLines {
  private CsvLines() {}

  /**
   * The whole file.
   *
   * @param lines of the same names in the same order; at least one
   */
  static String text(List<Map<String, Object>> lines) {
    CsvSchema.Builder schema = CsvSchema.builder();
    lines.get(0).keySet().forEach(schema::addColumn);
    try {
      return new CsvMapper().writer(schema.build().withHeader()).writeValueAsString(lines);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
