/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.tlora.fault.InputFault;

/**
 * The bytes that each token of a tokenizer stands for within a text: byte-level BPE writes them as
 * letters, and vocabularies of SentencePiece's kind have {@code ▁} for a space and {@code <0x0A>}
 * for a byte.
 *
 * @param bytes [vocabulary]; null for tokens that no text has, such as special ones
 */
public record TokenBytes(byte[][] bytes) {
  private static final char SPACE = '▁';

  /**
   * Those of a {@code tokenizer.json}.
   *
   * @throws InputFault if it writes texts in another way, so that it cannot be said
   */
  public static TokenBytes of(ObjectNode definition) {
    JsonNode decoder = definition.path("decoder");
    boolean byteLevel = has(decoder, "ByteLevel");
    if (!byteLevel && !has(decoder, "Metaspace") && !replacesSpace(decoder)) {
      throw new InputFault(
          "an answer cannot be held to JSON with this tokenizer, whose tokens are not pieces of"
              + " text");
    }
    JsonNode vocabulary = definition.path("model").path("vocab");
    byte[][] all = new byte[size(definition)][];
    int[] letters = byteLevel ? byteOfLetter() : null;
    if (vocabulary.isArray()) { // of unigram: pairs of a text and its score
      for (int i = 0; i < vocabulary.size(); i++) {
        all[i] = bytes(vocabulary.get(i).path(0).asText(), letters);
      }
    } else {
      for (Map.Entry<String, JsonNode> e : vocabulary.properties()) {
        all[e.getValue().asInt()] = bytes(e.getKey(), letters);
      }
    }
    for (JsonNode added : definition.path("added_tokens")) {
      boolean special = added.path("special").asBoolean();
      String content = added.path("content").asText();
      all[added.path("id").asInt()] = special ? null : content.getBytes(StandardCharsets.UTF_8);
    }
    return new TokenBytes(all);
  }

  private static int size(ObjectNode definition) {
    int most = definition.path("model").path("vocab").size() - 1;
    for (JsonNode id : definition.path("model").path("vocab")) {
      most = Math.max(most, id.isInt() ? id.asInt() : -1);
    }
    for (JsonNode added : definition.path("added_tokens")) {
      most = Math.max(most, added.path("id").asInt());
    }
    return most + 1;
  }

  private static boolean has(JsonNode part, String type) {
    if (part.path("type").asText().equals(type)) {
      return true;
    }
    for (JsonNode inner : part.path("decoders")) {
      if (has(inner, type)) {
        return true;
      }
    }
    return false;
  }

  private static boolean replacesSpace(JsonNode part) {
    if (part.path("type").asText().equals("Replace")
        && part.path("pattern").path("String").asText().equals("" + SPACE)) {
      return true;
    }
    for (JsonNode inner : part.path("decoders")) {
      if (replacesSpace(inner)) {
        return true;
      }
    }
    return false;
  }

  private static byte[] bytes(String token, int[] byteOfLetter) {
    if (byteOfLetter == null) {
      if (token.matches("<0x[0-9A-F]{2}>")) {
        return new byte[] {(byte) Integer.parseInt(token.substring(3, 5), 16)};
      }
      return token.replace(SPACE, ' ').getBytes(StandardCharsets.UTF_8);
    }
    byte[] all = new byte[token.length()];
    for (int i = 0; i < all.length; i++) {
      char letter = token.charAt(i);
      if (letter >= byteOfLetter.length || byteOfLetter[letter] < 0) {
        return token.getBytes(StandardCharsets.UTF_8); // no token of the bytes' alphabet
      }
      all[i] = (byte) byteOfLetter[letter];
    }
    return all;
  }

  /** GPT-2's alphabet: bytes that can be seen are themselves, others come from 256 on. */
  private static int[] byteOfLetter() {
    int[] all = new int[512];
    java.util.Arrays.fill(all, -1);
    int other = 256;
    for (int b = 0; b < 256; b++) {
      boolean visible = (b >= '!' && b <= '~') || (b >= 0xa1 && b <= 0xac) || b >= 0xae;
      all[visible ? b : other++] = b;
    }
    return all;
  }
}
