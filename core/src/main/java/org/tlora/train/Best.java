/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

/**
 * The best state of a run.
 *
 * @param metric the number that it is told by
 * @param value of that number
 * @param steps that were taken then
 * @param heldOutLoss of then, or NaN
 */
public record Best(String metric, double value, long steps, double heldOutLoss) {}
