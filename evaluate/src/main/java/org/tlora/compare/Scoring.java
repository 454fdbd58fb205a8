/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.tlora.evaluate.TaskRows;
import org.tlora.evaluate.TaskRunner;

/**
 * What runs are scored on, which none of them sees.
 *
 * @param tasks with their rows
 * @param how tasks are gone through
 * @param testData a file of rows whose loss counts, or null
 */
public record Scoring(List<TaskRows> tasks, TaskRunner.How how, Path testData) {
  /** Nothing. */
  public static final Scoring NONE = new Scoring(List.of(), TaskRunner.How.GREEDY, null);

  /** Keeps a copy of the list. */
  public Scoring {
    tasks = List.copyOf(tasks);
  }

  /** Whether there is something to score on. */
  public boolean isAny() {
    return !tasks.isEmpty() || testData != null;
  }

  String contents() {
    return tasks.stream().map(TaskContents::of).collect(Collectors.joining(", "));
  }
}
