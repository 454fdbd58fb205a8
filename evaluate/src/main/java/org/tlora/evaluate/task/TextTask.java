/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate.task;

import java.util.List;
import java.util.Optional;
import org.tlora.data.RowFields;

/**
 * Something that a decoder is scored on by what it writes, or by which of several texts it finds
 * most likely. Implementations have no state that a row changes.
 */
public non-sealed interface TextTask extends Task {
  /**
   * What the model is to continue.
   *
   * @throws org.tlora.fault.InputFault if the row is not one of the task
   */
  String prompt(RowFields row);

  /** At most that many tokens are written. */
  int maxNewTokens();

  /** Texts that end an answer and are no part of it; none: it ends where the model ends it. */
  default List<String> stop() {
    return List.of();
  }

  /**
   * Says which answers are right; opened for a run, and closed behind it.
   *
   * @throws org.tlora.fault.Fault if there can be none here, such as without a sandbox
   */
  Grader grader();

  /** The share of right answers. */
  @Override
  default String metric() {
    return "accuracy";
  }

  /** Whether a row of a file belongs to the task; others are passed over. */
  default boolean has(RowFields row) {
    return true;
  }

  /** What the row belongs to, where scores are also given for each category. */
  default Optional<String> category(RowFields row) {
    return Optional.empty();
  }

  /** Whether rows have {@link #choices}, so that it can be scored by likelihood. */
  default boolean hasChoices() {
    return false;
  }

  /**
   * The texts to choose from.
   *
   * @throws org.tlora.fault.InputFault if the row has none
   * @throws UnsupportedOperationException unless the task {@link #hasChoices}
   */
  default Choices choices(RowFields row) {
    throw new UnsupportedOperationException(name() + " has no choices");
  }

  /**
   * What decides a score beside prompts, lengths and rows, such as the settings of the grader: a
   * comparison does not take up a score of another version.
   */
  default String version() {
    return "";
  }
}
