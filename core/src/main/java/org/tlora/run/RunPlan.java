/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.run;

import java.util.List;
import java.util.Map;

/**
 * What a run will take.
 *
 * @param method its method
 * @param trainableParameters numbers that train
 * @param trainableByType the same by the type of module that they are on
 * @param baseParameters numbers of the model
 * @param scored whether ranks go by scores that are not known before: these are what equal ones
 *     give
 * @param rows to train on
 * @param steps optimizer steps
 * @param tokens of all steps
 * @param peakBytes the most memory that the process will have at a time
 * @param components what of that is for what: bytes by name, whose sum it is
 * @param phases what the run does one after the other
 * @param seconds of all phases; NaN where the machine was not measured
 * @param diskBytes the most that the run will have written at a time
 */
public record RunPlan(
    String method,
    long trainableParameters,
    Map<String, Long> trainableByType,
    long baseParameters,
    boolean scored,
    int rows,
    long steps,
    long tokens,
    long peakBytes,
    Map<String, Long> components,
    List<Phase> phases,
    double seconds,
    long diskBytes) {
  /**
   * A part of a run.
   *
   * @param name such as {@code training}
   * @param peakBytes the most memory in it
   * @param seconds it takes; NaN where the machine was not measured
   */
  public record Phase(String name, long peakBytes, double seconds) {}

  /** The part in which the most memory is needed. */
  public Phase highest() {
    return phases.stream().reduce((a, b) -> b.peakBytes() > a.peakBytes() ? b : a).orElseThrow();
  }
}
