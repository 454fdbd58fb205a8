/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** Pieces as the pre-tokenizer of byte-level BPE splits, where that is certain. */
final class PatternPieces implements Pieces {
  private static final int SHORT = 64; // the time for a word grows with its square

  private final AddedTokens added;
  private final PieceBorders borders;
  private final PairMerges merges;
  private final NativeTokenizer library;

  private PatternPieces(
      AddedTokens added, PieceBorders borders, PairMerges merges, NativeTokenizer library) {
    this.added = added;
    this.borders = borders;
    this.merges = merges;
    this.library = library;
  }

  /**
   * Those of a {@code tokenizer.json}; nothing where it does something that is not known here.
   *
   * @param library the tokenizer of the definition; stays its owner's
   */
  static Optional<Pieces> of(ObjectNode definition, NativeTokenizer library) {
    PairMerges merges = PairMerges.of(definition);
    return PieceBorders.of(definition)
        .filter(b -> merges != null)
        .map(b -> new PatternPieces(new AddedTokens(definition), b, merges, library));
  }

  @Override
  public TokenSpans encode(String piece) {
    TokenSpans.Builder tokens = new TokenSpans.Builder(piece.length(), true);
    boolean[] known = {isShortAscii(piece)};
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

  private static boolean isShortAscii(String piece) {
    for (int i = 0; i < piece.length(); i++) {
      if (piece.charAt(i) >= 0x80) {
        return false;
      }
    }
    return piece.length() <= SHORT;
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
  public void split(String text, Sink sink) {
    added.split(
        text,
        (from, to, isAdded) -> {
          if (isAdded) {
            sink.added(text.substring(from, to), from);
            return;
          }
          int begin = from;
          for (int i = from + 1; i < to; i++) {
            if (borders.isBetween(text.charAt(i - 1), text.charAt(i))) {
              sink.piece(text.substring(begin, i), begin, false);
              begin = i;
            }
          }
          sink.piece(text.substring(begin, to), begin, false);
        });
  }

  @Override
  public void close() {
    // the library is its owner's
  }
}
