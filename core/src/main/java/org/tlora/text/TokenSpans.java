/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import java.util.Arrays;

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

  /** Gathers tokens. */
  static final class Builder {
    private int[] ids;
    private int[] from;
    private int[] to;
    private int size;

    /**
     * With room for some tokens.
     *
     * @param places whether the places are wanted
     */
    Builder(int room, boolean places) {
      ids = new int[room];
      from = places ? new int[room] : null;
      to = places ? new int[room] : null;
    }

    /**
     * Adds tokens that are made of the text from {@code at} on.
     *
     * @param before chars of theirs that are none of the text
     * @param least where in the text such chars end: behind the letter that follows them
     */
    void add(TokenSpans tokens, int at, int before, int least) {
      int n = tokens.ids.length;
      if (size + n > ids.length) {
        int room = Math.max(2 * ids.length, size + n);
        ids = Arrays.copyOf(ids, room);
        from = from == null ? null : Arrays.copyOf(from, room);
        to = to == null ? null : Arrays.copyOf(to, room);
      }
      System.arraycopy(tokens.ids, 0, ids, size, n);
      for (int i = 0; i < n && from != null; i++) {
        from[size + i] = at + Math.max(0, tokens.from[i] - before);
        to[size + i] = at + Math.max(least, tokens.to[i] - before);
      }
      size += n;
    }

    /** Adds tokens that are made of the text from {@code at} on. */
    void add(TokenSpans tokens, int at) {
      add(tokens, at, 0, 0);
    }

    /** The ids alone. */
    int[] ids() {
      return Arrays.copyOf(ids, size);
    }

    TokenSpans build() {
      return new TokenSpans(ids(), Arrays.copyOf(from, size), Arrays.copyOf(to, size));
    }
  }
}
