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

    /** An added token, written out at {@code at}. */
    void added(String token, int at);
  }

  /** Hands over the pieces of a text. */
  void split(String text, Sink sink);

  /** The tokens of a piece that is no added token, and their places in it. */
  TokenSpans encode(String piece);

  @Override
  void close();
}
