/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text;

/**
 * One text or two as token ids.
 *
 * @param secondFrom the first token that belongs to the second text, or the number of tokens
 */
public record TextPair(int[] ids, int secondFrom) {}
