/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** Pieces as the pre-tokenizer of byte-level BPE splits, where that is certain. */
final class PatternPieces implements Pieces {
  private final PieceBorders borders;
  private final PairMerges merges;
  private final NativeTokenizer library;

  private PatternPieces(PieceBorders borders, PairMerges merges, NativeTokenizer library) {
    this.borders = borders;
    this.merges = merges;
    this.library = library;
  }

  /**
   * Those of a {@code tokenizer.json}; nothing where it does something that is not known here.
   *
   * @param merges the definition's
   * @param library the tokenizer of the definition; stays its owner's
   */
  static Optional<Pieces> of(ObjectNode definition, PairMerges merges, NativeTokenizer library) {
    return PieceBorders.of(definition).map(b -> new PatternPieces(b, merges, library));
  }

  @Override
  public TokenSpans encode(String piece) {
    TokenSpans.Builder tokens = new TokenSpans.Builder(piece.length(), true);
    boolean[] known = {isAscii(piece)};
    if (known[0]) {
      borders.split(
          piece,
          (from, to) -> {
            TokenSpans word = merges.tokens(letters(piece, from, to));
            known[0] &= word != null;
            if (word != null) {
              tokens.add(word, from);
            }
          });
    }
    return known[0] ? tokens.build() : library.spans(piece);
  }

  private static boolean isAscii(String piece) {
    for (int i = 0; i < piece.length(); i++) {
      if (piece.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  /** The letters that byte-level BPE writes for bytes: printable ones for themselves. */
  private static String letters(String piece, int from, int to) {
    char[] letters = new char[to - from];
    for (int i = 0; i < letters.length; i++) {
      char c = piece.charAt(from + i);
      letters[i] = c <= ' ' ? (char) (0x100 + c) : c == 0x7F ? (char) 0x121 : c;
    }
    return new String(letters);
  }

  @Override
  public void split(String text, int from, int to, Sink sink) {
    int begin = from;
    for (int i = from + 1; i < to; i++) {
      if (borders.isBetween(text.charAt(i - 1), text.charAt(i))) {
        sink.piece(text.substring(begin, i), begin, false);
        begin = i;
      }
    }
    sink.piece(text.substring(begin, to), begin, false);
  }

  @Override
  public void close() {
    // the library is its owner's
  }
}
