/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate.task;

import org.tlora.data.RowFields;
import org.tlora.fault.InputFault;

/** Says whether an answer is right. Called by one thread at a time. */
@FunctionalInterface
public interface Grader extends AutoCloseable {
  /**
   * Grades an answer by the rules that are published with the task, form included.
   *
   * @param completion what the model wrote, without the text that ended it
   * @throws org.tlora.fault.InputFault if the row has no reference answer
   */
  Verdict grade(RowFields row, String completion);

  /**
   * Grades it in both styles. Unless a grader says otherwise, a reader grades as the published
   * rules do.
   *
   * @throws org.tlora.fault.InputFault as with {@link #grade}
   */
  default Verdicts gradeBoth(RowFields row, String completion) {
    Verdict verdict = grade(row, completion);
    return new Verdicts(verdict, verdict);
  }

  /**
   * Grades a whole program, which nothing has to be taken out of.
   *
   * @throws org.tlora.fault.InputFault unless the task is one of code that has them
   */
  default Verdict gradeSolution(RowFields row, String program) {
    throw new InputFault(row.where() + ": field 'completion' is missing");
  }

  /** The same, where another grader says what a reader would. */
  default Grader readAs(Grader lenient) {
    Grader published = this;
    return new Grader() {
      @Override
      public Verdict grade(RowFields row, String completion) {
        return published.grade(row, completion);
      }

      @Override
      public Verdicts gradeBoth(RowFields row, String completion) {
        return new Verdicts(published.grade(row, completion), lenient.grade(row, completion));
      }

      @Override
      public void close() {
        try (lenient) {
          published.close();
        }
      }
    };
  }

  /** Gives back what it holds; most hold nothing. */
  @Override
  default void close() {}
}
