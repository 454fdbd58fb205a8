/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import org.tlora.data.format.Row;

/** Says whether an answer is right. */
public interface Grader {
  /**
   * Grades an answer.
   *
   * @throws org.tlora.fault.InputFault if the row has no reference answer
   */
  Verdict grade(Row row, String completion);
}
