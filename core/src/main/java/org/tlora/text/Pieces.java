/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text;

/**
 * How a tokenizer takes a text apart into pieces of which each becomes the same tokens wherever it
 * stands.
 */
interface Pieces extends AutoCloseable {
  /** Takes pieces in their order. */
  interface Sink {
    /**
     * A piece.
     *
     * @param at where in the text it begins
     * @param prefixed whether its first char is none of the text, and counts as the one behind it
     */
    void piece(String piece, int at, boolean prefixed);
  }

  /** Hands over the pieces of a part of a text, which has no added token in it. */
  void split(String text, int from, int to, Sink sink);

  /** The tokens of a piece, and their places in it. */
  TokenSpans encode(String piece);

  @Override
  void close();
}
