/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.util.Map;

/**
 * How a model did on a task.
 *
 * @param task its name
 * @param metric what the value is, such as accuracy
 * @param standardError of the value
 * @param count rows
 * @param others further metrics by name
 */
public record TaskScore(
    String task,
    String metric,
    double value,
    double standardError,
    int count,
    Map<String, Double> others) {
  /** Keeps a copy of the further metrics. */
  public TaskScore {
    others = Map.copyOf(others);
  }
}
