/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.util.List;
import org.tlora.data.file.DataFile;
import org.tlora.data.file.RowFiles;
import org.tlora.data.format.Row;
import org.tlora.evaluate.task.LabelTask;
import org.tlora.evaluate.task.Task;
import org.tlora.evaluate.task.TextTask;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.format.Sha256;

/** A task and the rows that a model is scored on. */
public record TaskRows(Task task, List<Row> rows) {
  /** A digest of what is in the rows, in their order. */
  public String digest() {
    return digest(rows);
  }

  /** The same of rows of no task. */
  public static String digest(List<Row> rows) {
    Sha256 digest = new Sha256();
    rows.forEach(r -> digest.add(Json.compact(r.fields()).getBytes(UTF_8)));
    return digest.hex();
  }

  /**
   * A task with the rows of a file that belong to it.
   *
   * @param limit only that many; 0: all
   * @throws InputFault if there is none
   */
  public static TaskRows of(Task task, Path path, int limit) {
    DataFile file = DataFile.of(path);
    if (task instanceof LabelTask labels && file.isDelimited()) {
      file = file.withColumns(labels.columns());
    }
    List<Row> rows = RowFiles.read(file);
    if (task instanceof TextTask text) {
      rows = rows.stream().filter(text::has).toList();
    }
    if (rows.isEmpty()) {
      throw new InputFault(path + " has no row of task " + task.name());
    }
    return new TaskRows(task, first(rows, limit));
  }

  /** The first rows; 0: all. */
  public static List<Row> first(List<Row> rows, int limit) {
    return limit == 0 || limit > rows.size() ? rows : rows.subList(0, limit);
  }
}
