/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Encodes texts piece by piece, and remembers what became of a piece: the same words come again and
 * again, and the library takes them apart and puts them together each time. For any number of
 * threads.
 */
final class PieceEncoder implements AutoCloseable {
  /** So many pieces are remembered; later ones are rare, or the first would not have been. */
  private static final int MOST = 1 << 17;

  private static final int LONGEST = 64; // chars of a piece that is remembered

  private final AddedTokens added;
  private final Pieces pieces;
  private final NativeTokenizer library;
  private final boolean placed;
  private final Map<String, TokenSpans> seen = new ConcurrentHashMap<>();

  private PieceEncoder(AddedTokens added, Pieces pieces, NativeTokenizer library, boolean placed) {
    this.added = added;
    this.pieces = pieces;
    this.library = library;
    this.placed = placed;
  }

  /** One for a definition of which the library's tokenizer is given, where it can be. */
  static Optional<PieceEncoder> of(ObjectNode definition, NativeTokenizer library) {
    if (AddedTokens.areOfOtherKinds(definition)) {
      return Optional.empty();
    }
    PairMerges merges = PairMerges.of(definition);
    return merges == null
        ? Optional.empty()
        : PatternPieces.of(definition, merges, library)
            .or(() -> SpacePieces.of(definition, merges))
            .map(
                p -> new PieceEncoder(new AddedTokens(definition), p, library, !trims(definition)));
  }

  /** Whether blanks are taken off tokens' places, by rules that look at the whole text. */
  private static boolean trims(JsonNode definition) {
    JsonNode last = definition.path("post_processor");
    for (JsonNode p : last.has("processors") ? last.path("processors") : Arrays.asList(last)) {
      if (p.path("trim_offsets").asBoolean()) {
        return true;
      }
    }
    return false;
  }

  /** Whether the places of tokens can be told too. */
  boolean places() {
    return placed;
  }

  /** Token ids of a text, none added. */
  int[] ids(String text) {
    return gathered(text, false).ids();
  }

  /** Tokens and their places, where {@link #places}. */
  TokenSpans spans(String text) {
    return gathered(text, true).build();
  }

  private TokenSpans.Builder gathered(String text, boolean withPlaces) {
    TokenSpans.Builder tokens = new TokenSpans.Builder(text.length() / 3 + 8, withPlaces);
    Pieces.Sink sink =
        (piece, at, prefixed) -> {
          TokenSpans known = encoded(piece, false);
          if (prefixed) {
            tokens.add(known, at, 1, Character.charCount(text.codePointAt(at)));
          } else {
            tokens.add(known, at);
          }
        };
    added.split(
        text,
        (from, to, isAdded) -> {
          if (isAdded) {
            tokens.add(encoded(text.substring(from, to), true), from);
          } else {
            pieces.split(text, from, to, sink);
          }
        });
    return tokens;
  }

  private TokenSpans encoded(String piece, boolean isAdded) {
    TokenSpans known = seen.get(piece);
    if (known == null) {
      known = isAdded ? library.spans(piece) : pieces.encode(piece);
      if (piece.length() <= LONGEST && seen.size() < MOST) {
        seen.put(piece, known);
      }
    }
    return known;
  }

  @Override
  public void close() {
    pieces.close(); // the library is its owner's
  }
}
