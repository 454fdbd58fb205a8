/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

/**
 * What became of an answer.
 *
 * @param published by the published script's rules
 * @param lenient as a reader would say
 */
public record Verdicts(Verdict published, Verdict lenient) {
  /** That of a style. */
  Verdict of(GradingStyle style) {
    return style == GradingStyle.PUBLISHED ? published : lenient;
  }
}
