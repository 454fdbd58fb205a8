/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;

/**
 * One row of a data file.
 *
 * @param number counts from 1 (the line in JSONL, the element in a JSON array)
 */
public record Row(Path file, long number, ObjectNode fields) {
  private static final Path STANDARD_INPUT = Path.of("-");

  /** Names the row in messages. */
  public String where() {
    return nameOf(file) + ", row " + number;
  }

  /** What a file of rows is called in messages; {@code -} stands for standard input. */
  public static String nameOf(Path file) {
    return file.equals(STANDARD_INPUT) ? "standard input" : file.toString();
  }
}
