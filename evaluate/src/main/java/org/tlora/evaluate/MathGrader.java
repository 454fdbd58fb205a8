/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.util.Objects;
import org.tlora.data.RowFields;
import org.tlora.evaluate.task.Grader;
import org.tlora.evaluate.task.Verdict;

/**
 * MATH (Hendrycks et al., arXiv 2103.03874): what is behind the last "The answer is: " against the
 * last box of the worked solution, as expressions that are brought to one form as texts. A
 * reference without a box is the answer itself.
 */
final class MathGrader implements Grader {
  private static final String MARKER = "The answer is: ";

  @Override
  public Verdict grade(RowFields row, String completion) {
    String gold = gold(row.text("answer"));
    String said = extract(completion);
    return new Verdict(said, said != null && equivalent(said, gold));
  }

  private static String gold(String solution) {
    boolean boxed = solution.contains("\\boxed") || solution.contains("\\fbox");
    return boxed ? content(lastBoxed(solution)) : solution.strip();
  }

  /** The answer of a completion, or null. */
  static String extract(String completion) {
    int marker = completion.lastIndexOf(MARKER);
    if (marker < 0) {
      return null;
    }
    String rest = completion.substring(marker + MARKER.length());
    int end = rest.indexOf(".\n");
    String answer = (end < 0 ? rest : rest.substring(0, end)).strip();
    return answer.endsWith(".") ? answer.substring(0, answer.length() - 1).strip() : answer;
  }

  /**
   * The last {@code \\boxed} of a text (or, without one, the last {@code \\fbox}) with its braces;
   * null where it does not close.
   */
  static String lastBoxed(String text) {
    int start = text.lastIndexOf("\\boxed");
    if (start < 0) {
      start = text.lastIndexOf("\\fbox");
    }
    if (start < 0) {
      return null;
    }
    int open = 0;
    for (int i = start; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '{') {
        open++;
      } else if (c == '}' && --open == 0) {
        return text.substring(start, i + 1);
      }
    }
    return null;
  }

  /** What is inside {@code \\boxed{}}; null for anything else. */
  static String content(String boxed) {
    String head = "\\boxed{";
    return boxed != null && boxed.startsWith(head) && boxed.endsWith("}")
        ? boxed.substring(head.length(), boxed.length() - 1)
        : null;
  }

  /** Whether two expressions are the same; where one cannot be brought to form, as they are. */
  static boolean equivalent(String a, String b) {
    if (a == null || b == null) {
      return Objects.equals(a, b);
    }
    String formA = MathForm.of(a);
    String formB = MathForm.of(b);
    boolean formed = formA != null && formB != null;
    return formed ? formA.equals(formB) : a.equals(b);
  }
}
