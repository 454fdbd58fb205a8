/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text;

import ai.djl.huggingface.tokenizers.jni.CharSpan;

/**
 * Tokens of a text, and where in it they are.
 *
 * @param ids token ids
 * @param from where each begins, in Java's chars
 * @param to where each ends; tokens that share a letter all have it whole
 */
public record TokenSpans(int[] ids, int[] from, int[] to) {
  /** From the library's spans, which count code points. */
  static TokenSpans of(String text, int[] ids, CharSpan[] spans) {
    int[] from = new int[ids.length];
    int[] to = new int[ids.length];
    int letter = 0;
    int at = 0;
    for (int i = 0; i < ids.length; i++) {
      if (spans[i] == null) { // of no part of the text
        from[i] = at;
        to[i] = at;
        continue;
      }
      at = text.offsetByCodePoints(at, Math.max(spans[i].getStart(), 0) - letter);
      letter = Math.max(spans[i].getStart(), 0);
      from[i] = at;
      to[i] = text.offsetByCodePoints(at, spans[i].getEnd() - letter);
    }
    return new TokenSpans(ids, from, to);
  }
}
