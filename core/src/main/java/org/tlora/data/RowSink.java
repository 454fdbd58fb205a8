package org.tlora.data;

/** Takes rows as they are read. */
interface RowSink {
  /** Another row. */
  void row(Row row);

  /**
   * Something that is no row.
   *
   * @param where file and row
   * @param reason what is wrong with it
   */
  void bad(String where, String reason);
}
