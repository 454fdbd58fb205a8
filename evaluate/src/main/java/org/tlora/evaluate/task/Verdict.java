/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate.task;

/**
 * What became of an answer.
 *
 * @param extracted what was read from it, or null if nothing could be
 * @param correct whether that is right
 */
public record Verdict(String extracted, boolean correct) {}
