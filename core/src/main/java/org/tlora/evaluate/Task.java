package org.tlora.evaluate;

import java.nio.file.Path;
import org.tlora.data.DataFile;

/** Something that a model is scored on. */
public sealed interface Task permits GenerationTask, LabelTask {
  /** As on the command line. */
  String name();

  /** The first of its figures, such as {@code accuracy}. */
  String metric();

  /** A file of its rows. */
  default DataFile file(Path path) {
    return DataFile.of(path);
  }
}
