/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.format;

/** How rows are read as examples. */
public interface ExampleFormat {
  /** As on the command line. */
  String name();

  /** Whether rows like this one can be read. */
  boolean fits(Row row);

  /**
   * Reads a row.
   *
   * @param notes are told of every field that is not used
   * @throws org.tlora.fault.InputFault if a field is missing or of another kind
   */
  Example read(Row row, RowNotes notes);
}
