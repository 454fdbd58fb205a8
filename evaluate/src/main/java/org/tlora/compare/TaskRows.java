/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeMap;
import org.tlora.data.format.Row;
import org.tlora.evaluate.Task;
import org.tlora.evaluate.TextTask;
import org.tlora.format.Json;
import org.tlora.format.Sha256;

/** A task to score every method on, with its rows. */
public record TaskRows(Task task, List<Row> rows) {
  /** What a score depends on: the task, the number of rows, and a digest of all that they say. */
  String contents() {
    Sha256 digest = new Sha256();
    if (task instanceof TextTask text) {
      // a user's file may say something else under the same name
      digest.add(bytes(text.prompt() + text.parts() + text.stopWords() + text.maxNewTokens()));
      digest.add(bytes(text.grading().kind() + new TreeMap<>(text.grading().settings())));
      digest.add(bytes("" + text.choices() + text.range()));
    }
    rows.forEach(row -> digest.add(bytes(Json.compact(row.fields()) + "\n")));
    return task.name() + " on " + rows.size() + " rows with digest " + digest.hex();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
