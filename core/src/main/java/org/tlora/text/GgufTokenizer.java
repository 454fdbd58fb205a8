/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;

/**
 * Rebuilds a {@code tokenizer.json} from the {@code tokenizer.ggml.*} metadata of a GGUF file:
 * byte-level BPE ({@code gpt2}) with the pre-tokenizer that {@code tokenizer.ggml.pre} names, and
 * SentencePiece BPE ({@code llama}), whose merges follow from the scores.
 */
public final class GgufTokenizer {
  private static final String LLAMA3_SPLIT =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
          + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String QWEN2_SPLIT = LLAMA3_SPLIT.replace("\\p{N}{1,3}", "\\p{N}");

  /** What differs between byte-level pre-tokenizers. */
  private record PreTokenizer(boolean digits, String split, boolean nfc, boolean ignoreMerges) {}

  private static final Map<String, PreTokenizer> PRE_TOKENIZERS =
      Map.of(
          "default", new PreTokenizer(false, null, false, false),
          "gpt-2", new PreTokenizer(false, null, false, false),
          "smollm", new PreTokenizer(true, null, false, false),
          "llama-bpe", new PreTokenizer(false, LLAMA3_SPLIT, false, true),
          "dbrx", new PreTokenizer(false, LLAMA3_SPLIT, false, false),
          "qwen2", new PreTokenizer(false, QWEN2_SPLIT, true, false));

  /** Other names for the same: Granite's, OLMo's, Phi's, and those of distilled models. */
  private static final Map<String, String> ALIASES =
      Map.ofEntries(
          Map.entry("refact", "smollm"),
          Map.entry("starcoder", "smollm"),
          Map.entry("command-r", "smollm"),
          Map.entry("mpt", "gpt-2"),
          Map.entry("olmo", "gpt-2"),
          Map.entry("phi-2", "gpt-2"),
          Map.entry("llama3", "llama-bpe"),
          Map.entry("llama-v3", "llama-bpe"),
          Map.entry("falcon3", "llama-bpe"),
          Map.entry("smaug-bpe", "dbrx"),
          Map.entry("deepseek-r1-qwen", "qwen2"));

  private static final int CONTROL = 3;
  private static final int USER_DEFINED = 4;

  private final Map<String, Object> metadata;
  private final String where;
  private final List<String> tokens;

  private GgufTokenizer(Map<String, Object> metadata, String where) {
    this.metadata = metadata;
    this.where = where;
    this.tokens = strings("tokenizer.ggml.tokens");
  }

  /**
   * The contents of a {@code tokenizer.json} that gives the same ids.
   *
   * @throws InputFault if the file has no tokenizer, or one of a kind that is not known
   */
  public static ObjectNode definition(Map<String, Object> metadata, String where) {
    GgufTokenizer reader = new GgufTokenizer(metadata, where);
    Object model = metadata.get("tokenizer.ggml.model");
    ObjectNode json = Json.object();
    json.put("version", "1.0").putNull("truncation").putNull("padding");
    reader.addedTokens(json.putArray("added_tokens"));
    if ("gpt2".equals(model)) {
      reader.byteLevel(json);
    } else if ("llama".equals(model)) {
      reader.sentencePiece(json);
    } else {
      throw new InputFault(
          where + ": tokenizer model '" + model + "' is not known (gpt2 and llama are)");
    }
    return json;
  }

  /** The name that llama.cpp has for a byte-level pre-tokenizer. */
  static Optional<String> preTokenizerName(ObjectNode tokenizer) {
    JsonNode top = tokenizer.path("pre_tokenizer");
    boolean digits = false;
    boolean byteLevel = false;
    String split = null;
    for (JsonNode step : top.has("pretokenizers") ? top.path("pretokenizers") : List.of(top)) {
      switch (step.path("type").asText()) {
        case "Digits" -> digits = step.path("individual_digits").asBoolean();
        case "Split" -> split = step.path("pattern").path("Regex").asText();
        case "ByteLevel" -> byteLevel = true;
        default -> {
          return Optional.empty();
        }
      }
    }
    boolean nfc = tokenizer.path("normalizer").path("type").asText().equals("NFC");
    boolean ignoreMerges = tokenizer.path("model").path("ignore_merges").asBoolean();
    if (!byteLevel) {
      return Optional.empty();
    }
    PreTokenizer wanted = new PreTokenizer(digits, split, nfc, ignoreMerges);
    return PRE_TOKENIZERS.entrySet().stream()
        .filter(e -> e.getValue().equals(wanted))
        .map(Map.Entry::getKey)
        .filter(name -> !name.equals("default"))
        .findFirst();
  }

  private static Set<String> knownPreTokenizers() {
    Set<String> names = new TreeSet<>(PRE_TOKENIZERS.keySet());
    names.addAll(ALIASES.keySet());
    return names;
  }

  private void addedTokens(ArrayNode added) {
    List<?> types = list("tokenizer.ggml.token_type");
    for (int id = 0; id < types.size() && id < tokens.size(); id++) {
      long type = ((Number) types.get(id)).longValue();
      if (type == CONTROL || type == USER_DEFINED) {
        added
            .addObject()
            .put("id", id)
            .put("content", tokens.get(id))
            .put("single_word", false)
            .put("lstrip", false)
            .put("rstrip", false)
            .put("normalized", false)
            .put("special", type == CONTROL);
      }
    }
  }

  private void byteLevel(ObjectNode json) {
    Object name = metadata.getOrDefault("tokenizer.ggml.pre", "default");
    PreTokenizer pre =
        name instanceof String s ? PRE_TOKENIZERS.get(ALIASES.getOrDefault(s, s)) : null;
    if (pre == null) {
      throw new InputFault(
          where
              + ": pre-tokenizer '"
              + name
              + "' is not known; known are "
              + String.join(", ", knownPreTokenizers()));
    }
    if (pre.nfc()) {
      json.putObject("normalizer").put("type", "NFC");
    } else {
      json.putNull("normalizer");
    }
    ObjectNode sequence = json.putObject("pre_tokenizer").put("type", "Sequence");
    ArrayNode steps = sequence.putArray("pretokenizers");
    if (pre.digits()) {
      steps.addObject().put("type", "Digits").put("individual_digits", true);
    }
    if (pre.split() != null) {
      ObjectNode split = steps.addObject().put("type", "Split");
      split.putObject("pattern").put("Regex", pre.split());
      split.put("behavior", "Isolated").put("invert", false);
    }
    steps
        .addObject()
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", pre.split() == null);
    bosProcessor(json, false);
    json.putObject("decoder")
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", true);
    ObjectNode model = bpe(json, null, false);
    model.put("ignore_merges", pre.ignoreMerges());
    ArrayNode merges = model.putArray("merges");
    for (String merge : strings("tokenizer.ggml.merges")) {
      int space = merge.indexOf(' ', 1);
      if (space < 0) {
        throw new InputFault(where + ": merge '" + merge + "' has no two parts");
      }
      merges.addArray().add(merge.substring(0, space)).add(merge.substring(space + 1));
    }
  }

  private void sentencePiece(ObjectNode json) {
    ObjectNode normalizer = json.putObject("normalizer").put("type", "Sequence");
    ArrayNode steps = normalizer.putArray("normalizers");
    if (!Boolean.FALSE.equals(metadata.get("tokenizer.ggml.add_space_prefix"))) {
      steps.addObject().put("type", "Prepend").put("prepend", "▁");
    }
    ObjectNode replace = steps.addObject().put("type", "Replace");
    replace.putObject("pattern").put("String", " ");
    replace.put("content", "▁");
    json.putNull("pre_tokenizer");
    bosProcessor(json, true);
    ArrayNode decoders = json.putObject("decoder").put("type", "Sequence").putArray("decoders");
    ObjectNode back = decoders.addObject().put("type", "Replace");
    back.putObject("pattern").put("String", "▁");
    back.put("content", " ");
    decoders.addObject().put("type", "ByteFallback");
    decoders.addObject().put("type", "Fuse");
    decoders.addObject().put("type", "Strip").put("content", " ").put("start", 1).put("stop", 0);
    int unknown =
        metadata.get("tokenizer.ggml.unknown_token_id") instanceof Long l ? l.intValue() : 0;
    ObjectNode model = bpe(json, tokens.get(unknown), true);
    ArrayNode merges = model.putArray("merges");
    scoredMerges().forEach(m -> merges.addArray().add(m.left()).add(m.right()));
  }

  private ObjectNode bpe(ObjectNode json, String unknown, boolean byteFallback) {
    ObjectNode model = json.putObject("model").put("type", "BPE");
    model.putNull("dropout");
    model.put("unk_token", unknown);
    model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    model.put("fuse_unk", unknown != null).put("byte_fallback", byteFallback);
    ObjectNode vocabulary = model.putObject("vocab");
    for (int id = 0; id < tokens.size(); id++) {
      vocabulary.put(tokens.get(id), id);
    }
    return model;
  }

  private record Merge(String left, String right, double score) {}

  /** SentencePiece joins the pair whose union has the best score; that order is the merge order. */
  private List<Merge> scoredMerges() {
    List<?> scores = list("tokenizer.ggml.scores");
    Map<String, Integer> ids = new HashMap<>();
    for (int id = 0; id < tokens.size(); id++) {
      ids.put(tokens.get(id), id);
    }
    List<Merge> merges = new ArrayList<>();
    for (int id = 0; id < tokens.size() && id < scores.size(); id++) {
      String token = tokens.get(id);
      double score = ((Number) scores.get(id)).doubleValue();
      List<Merge> splits = new ArrayList<>();
      for (int i = 1; i < token.length(); i++) {
        String left = token.substring(0, i);
        String right = token.substring(i);
        if (ids.containsKey(left) && ids.containsKey(right)) {
          splits.add(new Merge(left, right, score));
        }
      }
      splits.sort(
          Comparator.<Merge>comparingInt(m -> ids.get(m.left()))
              .thenComparingInt(m -> ids.get(m.right())));
      merges.addAll(splits);
    }
    merges.sort(
        Comparator.comparingDouble(Merge::score)
            .thenComparingInt(m -> m.left().length())
            .thenComparingInt(m -> m.right().length())
            .reversed());
    return merges;
  }

  private void bosProcessor(ObjectNode json, boolean addByDefault) {
    Object flag = metadata.get("tokenizer.ggml.add_bos_token");
    boolean add = flag instanceof Boolean b ? b : addByDefault;
    if (!add || !(metadata.get("tokenizer.ggml.bos_token_id") instanceof Long bos)) {
      json.putNull("post_processor");
      return;
    }
    String token = tokens.get(Math.toIntExact(bos));
    ObjectNode processor = json.putObject("post_processor").put("type", "TemplateProcessing");
    special(processor.putArray("single"), token, "A");
    ArrayNode pair = processor.putArray("pair");
    special(pair, token, "A");
    special(pair, token, "B");
    ObjectNode entry = processor.putObject("special_tokens").putObject(token);
    entry.put("id", token);
    entry.putArray("ids").add(bos.longValue());
    entry.putArray("tokens").add(token);
  }

  private static void special(ArrayNode template, String token, String sequence) {
    int type = sequence.equals("A") ? 0 : 1;
    template.addObject().putObject("SpecialToken").put("id", token).put("type_id", type);
    template.addObject().putObject("Sequence").put("id", sequence).put("type_id", type);
  }

  private List<?> list(String key) {
    if (metadata.get(key) instanceof List<?> values) {
      return values;
    }
    throw new InputFault(where + ": metadata " + key + " is missing");
  }

  private List<String> strings(String key) {
    List<String> out = new ArrayList<>();
    for (Object value : list(key)) {
      if (!(value instanceof String s)) {
        throw new InputFault(where + ": metadata " + key + " does not hold strings");
      }
      out.add(s);
    }
    return out;
  }
}
