/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.format.Json;
import org.tlora.golden.Shared;

/** Piece by piece is as a whole: ids and places are the library's, of any text. */
class PieceEncoderTest {
  private static final String LLAMA3 =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
          + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String UPPER_AND_LOWER =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
          + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+"
          + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}|"
          + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String OF_SIGNS =
      "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+|"
          + " ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  /** What texts are made of: each splits in another way from what stands beside it. */
  private static final List<String> PARTS =
      List.of(
          "a",
          " a",
          "a ",
          " ein",
          "The",
          "he",
          "ing",
          "Straße",
          "ﬁ",
          "ſ",
          "K",
          "é",
          "e\u0301",
          "中文",
          " и",
          "и ",
          "가나",
          "한",
          "ʰ",
          "ǅ",
          "1",
          "23",
          "٣",
          "Ⅷ",
          "½",
          "²",
          " ",
          "  ",
          "\n",
          "\r\n",
          "\t",
          "\u00a0",
          "\u0085",
          "\u2028",
          "\u3000",
          "\u200b",
          "'s",
          "'S",
          "'ſ",
          "'ll",
          "'RE",
          "’",
          "!",
          "...",
          "/",
          "_",
          "-",
          "$",
          "😀",
          "👩‍💻",
          "\u0378",
          "\ue000",
          "\ufdd0",
          "𝔘",
          "𐐀",
          "<|im_start|>",
          "<|im_",
          "<soft>",
          "<softer>",
          "<soft",
          "e<sof",
          "o\u0308ne",
          "▁",
          "<s>");

  private static ObjectNode definition() {
    return Json.readObject(Shared.path("cases/models/chatml").resolve("tokenizer.json"));
  }

  /** With added tokens, one the beginning of another, one looked for in normalized text. */
  private static ObjectNode withMoreTokens(ObjectNode definition) {
    int next = definition.path("model").path("vocab").size() + 10;
    for (String content : List.of("<soft>", "<softer>", "<soft", "\n\n")) {
      ((ArrayNode) definition.path("added_tokens"))
          .addObject()
          .put("id", next++)
          .put("content", content)
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", content.equals("<soft"))
          .put("special", false);
    }
    return definition;
  }

  private static ObjectNode splitBy(ObjectNode definition, String... patterns) {
    ArrayNode steps =
        definition.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
    for (String p : patterns) {
      ObjectNode split = steps.addObject().put("type", "Split");
      split.putObject("pattern").put("Regex", p);
      split.put("behavior", "Isolated").put("invert", false);
    }
    steps
        .addObject()
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", false);
    return definition;
  }

  private static ObjectNode named(String name) {
    ObjectNode definition = withMoreTokens(definition());
    switch (name) {
      case "byte level" -> {}
      case "digits" -> {
        JsonNode last = definition.path("pre_tokenizer");
        ArrayNode steps =
            definition.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
        steps.addObject().put("type", "Digits").put("individual_digits", true);
        steps.add(last);
      }
      case "llama 3" -> splitBy(definition, LLAMA3);
      case "qwen 2" -> {
        splitBy(definition, LLAMA3.replace("{1,3}", ""));
        definition.putObject("normalizer").put("type", "NFC");
      }
      case "upper and lower" -> splitBy(definition, UPPER_AND_LOWER);
      case "several" -> splitBy(definition, "\\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+", OF_SIGNS);
      case "words" -> words(definition, true);
      case "words as they are" -> words(definition, false);
      default -> throw new IllegalArgumentException(name);
    }
    return definition;
  }

  /** As SentencePiece's BPE is written, with what of the merges is of ASCII. */
  private static void words(ObjectNode definition, boolean prepends) {
    definition.path("added_tokens").forEach(t -> ((ObjectNode) t).put("normalized", false));
    JsonNode bytes = definition.path("model");
    ObjectNode model =
        definition
            .putObject("model")
            .put("type", "BPE")
            .put("unk_token", "<unk>")
            .put("fuse_unk", true)
            .put("byte_fallback", true);
    ObjectNode vocabulary = model.putObject("vocab").put("<unk>", 0);
    for (int b = 0; b < 256; b++) {
      vocabulary.put(String.format("<0x%02X>", b), vocabulary.size());
    }
    for (String letter : "▁abcdefghijklmnopqrstuvwxyzTS'.é中".split("")) {
      vocabulary.put(letter, vocabulary.size());
    }
    ArrayNode merges = model.putArray("merges");
    vocabulary.put("▁▁", vocabulary.size());
    merges.addArray().add("▁").add("▁");
    for (JsonNode m : bytes.path("merges")) {
      boolean list = m.isArray();
      String left = (list ? m.get(0).asText() : m.asText().split(" ")[0]).replace('Ġ', '▁');
      String right = (list ? m.get(1).asText() : m.asText().split(" ")[1]).replace('Ġ', '▁');
      boolean known = vocabulary.has(left) && vocabulary.has(right);
      if (known && right.indexOf('▁') < 0 && !vocabulary.has(left + right)) {
        vocabulary.put(left + right, vocabulary.size());
        merges.addArray().add(left).add(right);
      }
    }
    assertTrue(merges.size() > 50);
    definition.putNull("pre_tokenizer");
    ArrayNode steps =
        definition.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
    if (prepends) {
      steps.addObject().put("type", "Prepend").put("prepend", "▁");
    }
    ObjectNode replace = steps.addObject().put("type", "Replace");
    replace.putObject("pattern").put("String", " ");
    replace.put("content", "▁");
  }

  private static String randomText(Random random) {
    StringBuilder text = new StringBuilder();
    int parts = random.nextInt(12);
    for (int i = 0; i < parts; i++) {
      int which = random.nextInt(PARTS.size() + 6);
      if (which < PARTS.size()) {
        text.append(PARTS.get(which));
      } else if (which < PARTS.size() + 4) {
        text.append((char) (32 + random.nextInt(95)));
      } else {
        text.appendCodePoint(0xA1 + random.nextInt(0xD000));
      }
    }
    return text.toString();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "byte level",
        "digits",
        "llama 3",
        "qwen 2",
        "upper and lower",
        "several",
        "words",
        "words as they are"
      })
  void piecesAreTheWhole(String name) {
    ObjectNode definition = named(name);
    try (NativeTokenizer library = NativeTokenizer.of(definition, name);
        PieceEncoder pieces = PieceEncoder.of(definition, library).orElseThrow()) {
      requireTheSame(library, pieces, new Random(7), 6000, name);
    }
  }

  private static void requireTheSame(
      NativeTokenizer library, PieceEncoder pieces, Random random, int texts, String name) {
    for (int i = 0; i < texts; i++) {
      String text = randomText(random);
      TokenSpans ours = pieces.spans(text);
      TokenSpans theirs = library.spans(text);
      assertArrayEquals(theirs.ids(), ours.ids(), () -> name + ": ids of '" + text + "'");
      assertArrayEquals(theirs.from(), ours.from(), () -> name + ": places in '" + text + "'");
      assertArrayEquals(theirs.to(), ours.to(), () -> name + ": ends in '" + text + "'");
      assertArrayEquals(theirs.ids(), pieces.ids(text));
    }
  }

  /** Patterns that no tokenizer has, of the parts that theirs are made of. */
  @Test
  void whateverThePatternPiecesAreTheWhole() {
    List<String> kinds =
        List.of(
            "\\p{L}",
            "\\s",
            " ",
            "[^\\s\\p{L}\\p{N}]",
            "\\p{N}",
            "[\\r\\n]",
            "a",
            "'",
            "[a-z ]",
            "\\S",
            "[^\\r\\n\\p{L}]",
            "[!-/]",
            "\\p{Lu}",
            "\\P{L}");
    List<String> many = List.of("", "", "?", "*", "+", "+", "{1,3}", "{2}");
    Random random = new Random(3);
    int known = 0;
    for (int i = 0; i < 400; i++) {
      StringBuilder pattern = new StringBuilder();
      for (int alternative = 1 + random.nextInt(4); alternative > 0; alternative--) {
        int parts = 1 + random.nextInt(3);
        for (int part = 0; part < parts; part++) {
          pattern.append(kinds.get(random.nextInt(kinds.size())));
          pattern.append(many.get(random.nextInt(many.size())));
        }
        if (random.nextInt(6) == 0) {
          pattern.append("(?i:'s|'ll)").append(random.nextBoolean() ? "?" : "");
        }
        if (parts == 1 && random.nextInt(4) == 0) {
          pattern.append("(?!\\S)");
        }
        pattern.append(alternative > 1 ? "|" : "");
      }
      ObjectNode definition = splitBy(withMoreTokens(definition()), "" + pattern);
      try (NativeTokenizer library = NativeTokenizer.of(definition, "test")) {
        PieceEncoder pieces = PieceEncoder.of(definition, library).orElse(null);
        if (pieces != null) {
          known++;
          requireTheSame(library, pieces, random, 60, "" + pattern);
          pieces.close();
        }
      }
    }
    assertTrue(known > 100, known + " of 400 patterns are known");
  }

  /** What is done in a way that is not known here stays with the library. */
  @Test
  void unknownWaysAreLeftToTheLibrary() {
    Map<String, ObjectNode> others =
        Map.ofEntries(
            Map.entry("blanks around added tokens", definition()),
            Map.entry("a pattern with a back reference", splitBy(definition(), "(a)\\1")),
            Map.entry("a pattern that looks behind", splitBy(definition(), "(?<=a)b")),
            Map.entry("classes in classes", splitBy(definition(), "[a[bc]]+")),
            Map.entry("a pattern that may match nothing", splitBy(definition(), "a*|b")),
            Map.entry("lower case", definition()),
            Map.entry("dropout", definition()),
            Map.entry("a prefix", definition()));
    ((ObjectNode) others.get("blanks around added tokens").path("added_tokens").get(0))
        .put("lstrip", true);
    others.get("lower case").putObject("normalizer").put("type", "Lowercase");
    ((ObjectNode) others.get("dropout").path("model")).put("dropout", 0.1);
    ((ObjectNode) others.get("a prefix").path("pre_tokenizer")).put("add_prefix_space", true);
    others.forEach(PieceEncoderTest::requireLeft);
    ObjectNode normalized = named("words");
    ((ObjectNode) normalized.path("added_tokens").get(0)).put("normalized", true);
    requireLeft("added tokens with blanks made into something else", normalized);
    ObjectNode composed = withMoreTokens(named("qwen 2"));
    ((ObjectNode) composed.path("added_tokens").get(4)).put("content", "s\u00f6 ft");
    ((ObjectNode) composed.path("added_tokens").get(4)).put("normalized", true);
    requireLeft("added tokens of composed letters", composed);
    ObjectNode reaching = named("words");
    ((ObjectNode) reaching.path("model").path("vocab")).put("a▁b", 5000);
    requireLeft("words that reach over", reaching);
  }

  private static void requireLeft(String name, ObjectNode definition) {
    try (NativeTokenizer library = NativeTokenizer.of(definition, name)) {
      assertFalse(PieceEncoder.of(definition, library).isPresent(), name);
    }
  }
}
