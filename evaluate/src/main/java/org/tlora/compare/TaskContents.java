/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import java.nio.charset.StandardCharsets;
import org.tlora.data.format.Row;
import org.tlora.evaluate.TaskRows;
import org.tlora.evaluate.task.TextTask;
import org.tlora.format.Json;
import org.tlora.format.Sha256;

/** What a score depends on, so that a comparison does not take up one of something else. */
final class TaskContents {
  private TaskContents() {}

  /** The task, the number of rows, and a digest of all that they say. */
  static String of(TaskRows t) {
    Sha256 digest = new Sha256();
    if (t.task() instanceof TextTask text) {
      digest.add(bytes(text.version() + text.stop() + text.maxNewTokens() + "\n"));
      t.rows().forEach(row -> digest.add(bytes(text.prompt(row) + "\n")));
    }
    for (Row row : t.rows()) {
      digest.add(bytes(Json.compact(row.fields()) + "\n"));
    }
    return t.task().name() + " on " + t.rows().size() + " rows with digest " + digest.hex();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
