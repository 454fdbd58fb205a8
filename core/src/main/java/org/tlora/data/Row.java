package org.tlora.data;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;

/**
 * One row of a data file.
 *
 * @param number counts from 1 (the line in JSONL, the element in a JSON array)
 */
public record Row(Path file, long number, ObjectNode fields) {
  /** Names the row in messages. */
  public String where() {
    return DataFile.of(file).name() + ", row " + number;
  }
}
