/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import org.tlora.data.format.Row;

/** Says whether an answer is right, as it is published and as a reader would say. */
interface DualGrader {
  /**
   * Grades an answer.
   *
   * @throws org.tlora.fault.InputFault if the row has no reference answer
   */
  Verdicts grade(Row row, String completion);

  /** Two that look at the answer apart. */
  static DualGrader of(Grader published, Grader lenient) {
    return (row, completion) ->
        new Verdicts(published.grade(row, completion), lenient.grade(row, completion));
  }
}
