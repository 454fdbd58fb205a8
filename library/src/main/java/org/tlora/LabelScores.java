/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.util.List;
import java.util.Map;

/**
 * How likely labels are.
 *
 * @param all by label for each text, in the labels' order; of a model that says a number, {@code
 *     value}
 * @param tokens of all texts
 */
public record LabelScores(List<Map<String, Double>> all, int tokens) {
  /** Keeps a copy of the list. */
  public LabelScores {
    all = List.copyOf(all);
  }
}
