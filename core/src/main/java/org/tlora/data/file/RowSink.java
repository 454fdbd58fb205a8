/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.file;

import org.tlora.data.format.Row;

/** Takes rows as they are read. */
public interface RowSink {
  /** Another row. */
  void row(Row row);

  /**
   * Something that is no row.
   *
   * @param where file and row
   * @param reason what is wrong with it
   */
  void bad(String where, String reason);

  /**
   * A part of a file that no row has.
   *
   * @param field as a user would call it
   */
  default void unused(String field, String where) {}
}
