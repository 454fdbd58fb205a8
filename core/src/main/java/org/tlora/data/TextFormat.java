package org.tlora.data;

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
  public Example read(Row row) {
    return new Example.PlainText(Fields.text(row, field), row.where());
  }
}
