/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.fuzz;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** A random {@code tokenizer.json}: its syntax is right, its values are what nobody would write. */
final class RandomTokenizer {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final long[] NUMBERS = {
    0, 1, 2, 3, 5, 7, 255, (1L << 31) - 1, 1L << 31, (1L << 32) - 1, 1L << 32, Long.MAX_VALUE, -1
  };
  private static final String[] TEXTS = {
    "",
    "a",
    "b",
    "ab",
    "aa",
    "▁",
    "é",
    "Ġ",
    "\u0000",
    "<s>",
    "</s>",
    "##",
    "@@",
    " ",
    "  ",
    "中",
    "\uD83D\uDE00",
    "<unk>",
    "<0x41>",
    "A",
    "\n",
    "\u0308"
  };
  private static final String[] PATTERNS = {
    "",
    "a*",
    "(?=)",
    ".",
    "\\b",
    "(a*)*",
    ".*",
    "^",
    "$",
    "a|",
    "\\s+",
    "(?<=a)",
    "[",
    "\\p{L}+",
    "(?!)",
    "é?",
    "\\G",
    "a{2}?",
    "\\Ka",
    "a\\K",
    "(?<=é)",
    "(?=a)a",
    "^ +",
    " +$",
    "(?:a|^b)",
    "a+|$",
    "(?i:é)",
    "[^\\s]+|\\b",
    "(?~a)",
    "a{,2}",
    "[[:alpha:]]*+",
    "\\X?",
    "\\R",
    "(a)|(?<!b)"
  };
  private static final String[] BEHAVIORS = {
    "Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"
  };

  private final RandomGenerator dice;

  RandomTokenizer(byte[] seed) {
    dice = new SplittableRandom(UUID.nameUUIDFromBytes(seed).getMostSignificantBits());
  }

  ObjectNode definition() {
    ObjectNode all = JSON.objectNode().put("version", "1.0");
    all.set("truncation", seldom() ? truncation() : JSON.nullNode());
    all.set("padding", seldom() ? padding() : JSON.nullNode());
    all.set("added_tokens", list(4, i -> addedToken(i)));
    all.set("normalizer", often() ? normalizer(0) : JSON.nullNode());
    all.set("pre_tokenizer", often() ? preTokenizer(0) : JSON.nullNode());
    all.set("post_processor", often() ? postProcessor(0) : JSON.nullNode());
    all.set("decoder", often() ? decoder(0) : JSON.nullNode());
    all.set("model", model());
    return all;
  }

  private boolean flip() {
    return dice.nextBoolean();
  }

  private boolean seldom() {
    return dice.nextInt(8) == 0;
  }

  private boolean often() {
    return dice.nextInt(4) > 0;
  }

  private long number() {
    return NUMBERS[dice.nextInt(flip() ? NUMBERS.length : 6)];
  }

  private String oneOf(String... choices) {
    return choices[dice.nextInt(choices.length)];
  }

  private String text() {
    return oneOf(TEXTS);
  }

  private String character() {
    return oneOf("a", " ", "▁", "é", "中", "\u0000");
  }

  private ArrayNode list(int most, IntFunction<ObjectNode> element) {
    ArrayNode list = JSON.arrayNode();
    int size = dice.nextInt(most);
    for (int i = 0; i < size; i++) {
      list.add(element.apply(i));
    }
    return list;
  }

  private static ObjectNode part(String type) {
    return JSON.objectNode().put("type", type);
  }

  private ObjectNode pattern() {
    ObjectNode pattern = JSON.objectNode();
    return flip() ? pattern.put("String", text()) : pattern.put("Regex", oneOf(PATTERNS));
  }

  @SafeVarargs
  private ObjectNode oneOf(Supplier<ObjectNode>... choices) {
    return choices[dice.nextInt(choices.length)].get();
  }

  private ObjectNode sequence(String of, int depth, Supplier<ObjectNode> one) {
    ObjectNode sequence = part("Sequence");
    sequence.set(of, list(depth < 2 ? 4 : 1, i -> one.get()));
    return sequence;
  }

  private ObjectNode replace() {
    ObjectNode replace = part("Replace").put("content", text());
    replace.set("pattern", pattern());
    return replace;
  }

  private ObjectNode byteLevel() {
    return part("ByteLevel")
        .put("add_prefix_space", flip())
        .put("trim_offsets", flip())
        .put("use_regex", flip());
  }

  private ObjectNode metaspace() {
    return part("Metaspace")
        .put("replacement", character())
        .put("prepend_scheme", oneOf("always", "never", "first"))
        .put("split", flip());
  }

  private ObjectNode normalizer(int depth) {
    return oneOf(
        () ->
            part("BertNormalizer")
                .put("clean_text", flip())
                .put("handle_chinese_chars", flip())
                .put("strip_accents", flip())
                .put("lowercase", flip()),
        () -> part("Strip").put("strip_left", flip()).put("strip_right", flip()),
        () ->
            part(
                oneOf(
                    "StripAccents", "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Nmt", "ByteLevel")),
        () -> sequence("normalizers", depth, () -> normalizer(depth + 1)),
        () -> part("Precompiled").put("precompiled_charsmap", characterMap()),
        this::replace,
        () -> part("Prepend").put("prepend", text()));
  }

  /** Random bytes, or a trie of a few characters whose leaves may be wrong. */
  private String characterMap() {
    boolean sound = often();
    byte[] texts = "a\0bb\0\0é\0".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    int[] units = new int[512];
    units[0] = 256 << 10;
    int leaf = 1;
    for (char c : "a Hb<\n".toCharArray()) {
      int place = 256 ^ c;
      if (flip()) {
        units[place] = (place ^ leaf) << 10 | 1 << 8 | c;
        int start = sound ? new int[] {0, 2, 5, 6}[dice.nextInt(4)] : dice.nextInt(12);
        units[leaf++] = 1 << 31 | start;
      }
    }
    if (!sound && flip()) {
      units[dice.nextInt(units.length)] = dice.nextInt();
    }
    ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * units.length + texts.length);
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(sound || flip() ? 4 * units.length : dice.nextInt());
    bytes.asIntBuffer().put(units);
    bytes.position(4 + 4 * units.length).put(texts);
    return Base64.getEncoder().encodeToString(bytes.array());
  }

  private ObjectNode split() {
    ObjectNode split = part("Split").put("behavior", oneOf(BEHAVIORS)).put("invert", flip());
    split.set("pattern", pattern());
    return split;
  }

  private ObjectNode preTokenizer(int depth) {
    return oneOf(
        () -> part(oneOf("BertPreTokenizer", "Whitespace", "WhitespaceSplit", "UnicodeScripts")),
        this::byteLevel,
        () -> part("CharDelimiterSplit").put("delimiter", character()),
        this::metaspace,
        () -> sequence("pretokenizers", depth, () -> preTokenizer(depth + 1)),
        this::split,
        () -> part("Punctuation").put("behavior", oneOf(BEHAVIORS)),
        () -> part("Digits").put("individual_digits", flip()),
        () -> part("FixedLength").put("length", number()));
  }

  private ArrayNode special() {
    return JSON.arrayNode().add(text()).add(number());
  }

  private ObjectNode postProcessor(int depth) {
    return oneOf(
        () -> {
          ObjectNode roberta = part("RobertaProcessing").put("trim_offsets", flip());
          roberta.put("add_prefix_space", flip());
          roberta.set("sep", special());
          roberta.set("cls", special());
          return roberta;
        },
        () -> {
          ObjectNode bert = part("BertProcessing");
          bert.set("sep", special());
          bert.set("cls", special());
          return bert;
        },
        this::byteLevel,
        this::template,
        () -> sequence("processors", depth, () -> postProcessor(depth + 1)));
  }

  private ObjectNode template() {
    ObjectNode template = part("TemplateProcessing");
    ObjectNode tokens = JSON.objectNode();
    for (String name : new String[] {"single", "pair"}) {
      ArrayNode pieces = template.putArray(name);
      int size = dice.nextInt(5);
      for (int i = 0; i < size; i++) {
        ObjectNode piece = pieces.addObject();
        if (flip()) {
          String sequence = oneOf("A", "B");
          piece.putObject("Sequence").put("id", sequence).put("type_id", number());
          continue;
        }
        String token = text();
        piece.putObject("SpecialToken").put("id", token).put("type_id", number());
        if (!seldom()) {
          ObjectNode entry = tokens.putObject(token).put("id", seldom() ? text() : token);
          entry.putArray("ids").add(number());
          entry.putArray("tokens").add(text());
        }
      }
    }
    template.set("special_tokens", tokens);
    return template;
  }

  private ObjectNode decoder(int depth) {
    return oneOf(
        () -> part("BPEDecoder").put("suffix", text()),
        this::byteLevel,
        () -> part("WordPiece").put("prefix", text()).put("cleanup", flip()),
        this::metaspace,
        () ->
            part("CTC")
                .put("pad_token", text())
                .put("word_delimiter_token", text())
                .put("cleanup", flip()),
        () -> sequence("decoders", depth, () -> decoder(depth + 1)),
        this::replace,
        () -> part(oneOf("Fuse", "ByteFallback")),
        () ->
            part("Strip")
                .put("content", character())
                .put("start", number())
                .put("stop", seldom() ? number() : 0));
  }

  private ObjectNode vocabulary(List<String> into) {
    ObjectNode vocabulary = JSON.objectNode();
    for (String token : TEXTS) {
      if (flip()) {
        vocabulary.put(token, seldom() ? number() : vocabulary.size());
        into.add(token);
      }
    }
    return vocabulary;
  }

  private ObjectNode model() {
    List<String> tokens = new ArrayList<>(List.of("a"));
    return oneOf(
        () -> bytePairs(tokens),
        () -> bytePairs(tokens),
        () -> {
          ObjectNode model = part("WordPiece").put("unk_token", text());
          model.put("continuing_subword_prefix", text()).put("max_input_chars_per_word", number());
          model.set("vocab", vocabulary(tokens));
          return model;
        },
        () -> {
          ObjectNode model = part("WordLevel").put("unk_token", text());
          model.set("vocab", vocabulary(tokens));
          return model;
        },
        this::unigram);
  }

  private ObjectNode bytePairs(List<String> tokens) {
    ObjectNode model = part("BPE").put("fuse_unk", flip()).put("byte_fallback", flip());
    model.put("ignore_merges", flip());
    if (seldom()) {
      model.put("dropout", (float) number());
    }
    for (String name :
        new String[] {"unk_token", "continuing_subword_prefix", "end_of_word_suffix"}) {
      if (dice.nextInt(3) == 0) {
        model.put(name, text());
      }
    }
    ObjectNode vocabulary = vocabulary(tokens);
    ArrayNode merges = JSON.arrayNode();
    for (int i = dice.nextInt(4); i > 0; i--) {
      String first = tokens.get(dice.nextInt(tokens.size()));
      String second = tokens.get(dice.nextInt(tokens.size()));
      for (String token : new String[] {first, second, first + second}) {
        if (!vocabulary.has(token)) {
          vocabulary.put(token, vocabulary.size());
        }
      }
      merges.add(JSON.arrayNode().add(first).add(second));
    }
    model.set("vocab", vocabulary);
    model.set("merges", merges);
    return model;
  }

  private ObjectNode unigram() {
    ObjectNode model = part("Unigram").put("byte_fallback", flip());
    if (often()) {
      model.put("unk_id", dice.nextInt(3) > 0 ? 0 : number());
    }
    ArrayNode vocabulary = model.putArray("vocab");
    for (int i = dice.nextInt(12); i > 0; i--) {
      double[] scores = {0, -1.5, -1e308, 1e308, 3};
      vocabulary.addArray().add(text()).add(scores[dice.nextInt(scores.length)]);
    }
    if (flip()) {
      for (int b = 0; b < 256; b++) {
        vocabulary.addArray().add(String.format("<0x%02X>", b)).add(-2.0);
      }
    }
    return model;
  }

  private ObjectNode addedToken(int id) {
    return JSON.objectNode()
        .put("id", seldom() ? number() : id)
        .put("content", text())
        .put("single_word", flip())
        .put("lstrip", flip())
        .put("rstrip", flip())
        .put("normalized", flip())
        .put("special", flip());
  }

  private ObjectNode truncation() {
    return JSON.objectNode()
        .put("direction", oneOf("Left", "Right"))
        .put("max_length", number())
        .put("strategy", oneOf("LongestFirst", "OnlyFirst", "OnlySecond"))
        .put("stride", number());
  }

  private ObjectNode padding() {
    return JSON.objectNode()
        .put("strategy", "BatchLongest")
        .put("direction", oneOf("Left", "Right"))
        .put("pad_to_multiple_of", number())
        .put("pad_id", number())
        .put("pad_type_id", number())
        .put("pad_token", text());
  }
}
