/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/**
 * Pieces of SentencePiece's BPE as a {@code tokenizer.json} has it: blanks become ▁, and the whole
 * text is one word for it. Where no token has a ▁ behind another letter, no merge reaches from one
 * word into the next, and each word can be encoded by itself.
 */
final class SpacePieces implements Pieces {
  private static final char BLANK = '▁';

  private final boolean prepends;
  private final PairMerges merges;
  private final NativeTokenizer words;

  private SpacePieces(boolean prepends, PairMerges merges, NativeTokenizer words) {
    this.prepends = prepends;
    this.merges = merges;
    this.words = words;
  }

  /**
   * Those of a {@code tokenizer.json}; nothing where it does something that is not known here.
   *
   * @param merges the definition's
   */
  static Optional<Pieces> of(ObjectNode definition, PairMerges merges) {
    JsonNode normalizer = definition.path("normalizer");
    boolean prepends = false;
    boolean replaces = false;
    for (JsonNode step :
        normalizer.has("normalizers") ? normalizer.path("normalizers") : List.of(normalizer)) {
      String type = step.path("type").asText();
      if (type.equals("Prepend") && !prepends && !replaces) {
        prepends = step.path("prepend").asText().equals("" + BLANK);
      } else if (type.equals("Replace") && !replaces) {
        replaces =
            step.path("pattern").path("String").asText().equals(" ")
                && step.path("content").asText().equals("" + BLANK);
      } else {
        return Optional.empty();
      }
      if (!prepends && !replaces) {
        return Optional.empty();
      }
    }
    if (!replaces || !leavesWhole(definition.path("pre_tokenizer")) || !isOfWords(definition)) {
      return Optional.empty();
    }
    ObjectNode bare = definition.objectNode().setAll(definition);
    bare.putArray("added_tokens");
    bare.putNull("normalizer").putNull("pre_tokenizer").putNull("post_processor");
    bare.putNull("truncation").putNull("padding");
    return Optional.of(
        new SpacePieces(prepends, merges, NativeTokenizer.of(bare, "the tokenizer of words")));
  }

  /** Gemma's splits at blanks, of which the normalizer has left none. */
  private static boolean leavesWhole(JsonNode preTokenizer) {
    return preTokenizer.isMissingNode()
        || preTokenizer.isNull()
        || (preTokenizer.path("type").asText().equals("Split")
            && preTokenizer.path("pattern").path("String").asText().equals(" "));
  }

  private static boolean isOfWords(JsonNode definition) {
    JsonNode model = definition.path("model");
    boolean known =
        model.path("byte_fallback").asBoolean() && !model.path("ignore_merges").asBoolean();
    JsonNode vocabulary = model.path("vocab");
    for (int b = 0; known && b < 256; b++) { // else neighbours that are not known become one
      known = vocabulary.has(String.format("<0x%02X>", b));
    }
    return known
        && vocabulary.propertyStream().map(e -> e.getKey()).noneMatch(SpacePieces::reachesOver);
  }

  private static boolean reachesOver(String token) {
    for (int i = 1; i < token.length(); i++) {
      if (isBorder(token, i)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isBorder(String text, int at) {
    return text.charAt(at) == BLANK && text.charAt(at - 1) != BLANK;
  }

  @Override
  public void split(String text, int from, int to, Sink sink) {
    String part = text.substring(from, to);
    String written = (prepends ? BLANK + part : part).replace(' ', BLANK);
    int more = prepends ? 1 : 0;
    int begin = 0;
    for (int i = 1; i <= written.length(); i++) {
      if (i == written.length() || isBorder(written, i)) {
        boolean prefixed = prepends && begin == 0;
        sink.piece(written.substring(begin, i), prefixed ? from : from + begin - more, prefixed);
        begin = i;
      }
    }
  }

  @Override
  public TokenSpans encode(String piece) {
    TokenSpans tokens = merges.tokens(piece);
    return tokens == null ? words.spans(piece) : tokens;
  }

  @Override
  public void close() {
    words.close();
  }
}
