/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.nio.file.Path;
import java.util.List;
import org.tlora.data.file.DataFile;
import org.tlora.data.format.Row;

/** Something that a model is scored on. */
public sealed interface Task permits TextTask, LabelTask {
  /** As on the command line. */
  String name();

  /** The first of its figures, such as {@code accuracy}. */
  String metric();

  /** Those rows of a file that belong to it. */
  default List<Row> of(List<Row> rows) {
    return rows;
  }

  /** A file of its rows. */
  default DataFile file(Path path) {
    return DataFile.of(path);
  }
}
