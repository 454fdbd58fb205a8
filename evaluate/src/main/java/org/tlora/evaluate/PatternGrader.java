/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.data.format.Row;
import org.tlora.fault.InputFault;

/**
 * The first text in an answer that a pattern fits, against the reference.
 *
 * @param pattern of answers; its first group, if it has one, is what counts
 * @param gold the field of the reference
 */
record PatternGrader(Pattern pattern, String gold) implements Grader {
  @Override
  public Verdict grade(Row row, String completion) {
    if (!row.fields().path(gold).isValueNode()) {
      throw new InputFault(row.where() + ": field '" + gold + "' is missing");
    }
    Matcher m = pattern.matcher(completion);
    String said = !m.find() ? null : m.groupCount() > 0 ? m.group(1) : m.group();
    return new Verdict(said, row.fields().path(gold).asText().equals(said));
  }
}
