/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.format;

import java.util.Set;

/** Rows of plain text, learned as a whole. */
record TextFormat(String field) implements ExampleFormat {
  @Override
  public String name() {
    return "text";
  }

  @Override
  public boolean fits(Row row) {
    return row.fields().path(field).isTextual();
  }

  @Override
  public Example read(Row row, RowNotes notes) {
    Example example = new Example.PlainText(Fields.text(row, field), row.where());
    Fields.noteUnused(row, Set.of(field), notes);
    return example;
  }
}
