/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate.task;

/**
 * What became of an answer, in both styles of grading.
 *
 * @param published by the published script's rules
 * @param lenient as a reader would say
 */
public record Verdicts(Verdict published, Verdict lenient) {}
