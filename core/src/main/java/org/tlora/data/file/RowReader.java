/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.file;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.Predicate;

/** Reads one format of data files, row by row. */
interface RowReader {
  /** The endings of its files' names, without a dot. */
  List<String> endings();

  /**
   * Hands over every row in order.
   *
   * @param bytes the file's contents, already decompressed
   * @param wanted whether a field is; formats that store them apart decode no others
   * @throws RowStop if the sink has had enough
   * @throws IOException if the file cannot be read
   */
  void read(DataFile file, InputStream bytes, RowSink sink, Predicate<String> wanted)
      throws IOException;
}
