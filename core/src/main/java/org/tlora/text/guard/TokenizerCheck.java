/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.guard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.tlora.fault.InputFault;

/**
 * What the native library (tokenizers 0.21) must not see of a {@code tokenizer.json}: where it
 * meets one of these it panics, which ends the process, instead of saying so. Parts of a type that
 * it does not know are refused too, since it guesses what they are.
 */
public final class TokenizerCheck {
  private static final Set<String> NORMALIZERS =
      Set.of(
          "BertNormalizer",
          "ByteLevel",
          "Lowercase",
          "NFC",
          "NFD",
          "NFKC",
          "NFKD",
          "Nmt",
          "Precompiled",
          "Prepend",
          "Replace",
          "Sequence",
          "Strip",
          "StripAccents");
  private static final Set<String> PRE_TOKENIZERS =
      Set.of(
          "BertPreTokenizer",
          "ByteLevel",
          "CharDelimiterSplit",
          "Digits",
          "FixedLength",
          "Metaspace",
          "Punctuation",
          "Sequence",
          "Split",
          "UnicodeScripts",
          "Whitespace",
          "WhitespaceSplit");
  private static final Set<String> POST_PROCESSORS =
      Set.of("BertProcessing", "ByteLevel", "RobertaProcessing", "Sequence", "TemplateProcessing");
  private static final Set<String> DECODERS =
      Set.of(
          "BPEDecoder",
          "ByteFallback",
          "ByteLevel",
          "CTC",
          "Fuse",
          "Metaspace",
          "Replace",
          "Sequence",
          "Strip",
          "WordPiece");

  private final String where;

  private TokenizerCheck(String where) {
    this.where = where;
  }

  /**
   * Checks a definition.
   *
   * @throws InputFault if it could bring the process down
   */
  public static void check(ObjectNode definition, String where) {
    TokenizerCheck check = new TokenizerCheck(where);
    check.normalizer(definition.path("normalizer"));
    check.preTokenizer(definition.path("pre_tokenizer"));
    check.postProcessor(definition.path("post_processor"));
    check.decoder(definition.path("decoder"));
    check.model(definition.path("model"));
  }

  /** The type of a part, or the empty text where there is no part. */
  private String type(JsonNode part, String name, Set<String> known) {
    if (part.isNull() || part.isMissingNode()) {
      return "";
    }
    String type = part.path("type").asText();
    require(known.contains(type), "a " + name + " of type '" + type + "', which is not known");
    return type;
  }

  private void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new InputFault(where + ": " + otherwise);
    }
  }

  private void normalizer(JsonNode part) {
    switch (type(part, "normalizer", NORMALIZERS)) {
      case "Sequence" -> part.path("normalizers").forEach(this::normalizer);
      case "Replace" -> replacement(part);
      case "Prepend" ->
          require(!part.path("prepend").asText().isEmpty(), "a Prepend with nothing to prepend");
      case "Precompiled" ->
          require(
              CharacterMap.isSound(part.path("precompiled_charsmap").asText()),
              "a Precompiled whose map of characters is damaged");
      default -> {}
    }
  }

  private void preTokenizer(JsonNode part) {
    switch (type(part, "pre_tokenizer", PRE_TOKENIZERS)) {
      case "Sequence" -> part.path("pretokenizers").forEach(this::preTokenizer);
      case "FixedLength" ->
          require(part.path("length").asLong(1) > 0, "a FixedLength of no characters");
      default -> {}
    }
  }

  private void decoder(JsonNode part) {
    switch (type(part, "decoder", DECODERS)) {
      case "Sequence" -> part.path("decoders").forEach(this::decoder);
      case "Replace" -> replacement(part);
      case "Strip" ->
          // the library counts back from the end of a token without asking how long it is
          require(part.path("stop").asText("0").equals("0"), "a Strip at the end of tokens");
      default -> {}
    }
  }

  /** What is replaced must have a character at least: the library loses count otherwise. */
  private void replacement(JsonNode part) {
    JsonNode pattern = part.path("pattern");
    require(
        !pattern.path("String").asText("x").isEmpty()
            && !ZeroWidth.isPossible(pattern.path("Regex").asText("x")),
        "a Replace whose pattern is empty, may match nothing or is not understood");
  }

  private void postProcessor(JsonNode part) {
    switch (type(part, "post_processor", POST_PROCESSORS)) {
      case "Sequence" -> {
        int adding = 0;
        for (JsonNode one : part.path("processors")) {
          require(
              !one.path("type").asText().equals("Sequence"), "a post_processor in two Sequences");
          postProcessor(one);
          adding += one.path("type").asText().equals("ByteLevel") ? 0 : 1;
        }
        require(adding <= 1, "a post_processor that adds special tokens twice");
      }
      case "TemplateProcessing" -> {
        template(part, "single");
        template(part, "pair");
      }
      default -> {}
    }
  }

  private void template(JsonNode part, String name) {
    for (JsonNode piece : part.path(name)) {
      String token = piece.path("SpecialToken").path("id").asText();
      require(
          !piece.has("SpecialToken") || part.path("special_tokens").has(token),
          "a template with the special token '" + token + "', which is not among special_tokens");
      require(
          name.equals("pair") || !piece.path("Sequence").path("id").asText().equals("B"),
          "a template for a single text that asks for a second");
    }
  }

  /** Old files do not say the model's type, so that its fields decide. */
  private void model(JsonNode model) {
    String prefix = model.path("continuing_subword_prefix").asText("");
    if (prefix.isEmpty() || model.path("continuing_subword_prefix").isNull()) {
      return;
    }
    int length = prefix.getBytes(StandardCharsets.UTF_8).length;
    for (JsonNode merge : model.path("merges")) {
      String second = merge.isArray() ? merge.path(1).asText() : afterBlank(merge.asText());
      byte[] bytes = second.getBytes(StandardCharsets.UTF_8);
      // the library cuts so many bytes off, whatever they are
      require(
          bytes.length >= length && (bytes.length == length || (bytes[length] & 0xC0) != 0x80),
          "a merge that is shorter than continuing_subword_prefix");
    }
  }

  private static String afterBlank(String merge) {
    return merge.substring(merge.indexOf(' ') + 1);
  }
}
