/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Tensor;
import org.tlora.format.Json;
import org.tlora.format.Safetensors;

/** A random BERT of two layers without a head, which knows two dozen words, for tests. */
final class TinyEncoder {
  private static final int HIDDEN = 32;
  private static final int INNER = 64;
  private static final List<String> WORDS =
      List.of(
          "[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "fine", "great", "bad", "poor", "awful",
          "film", "book", "song", "the", "a", "this", "is", "was", "very", "so", "one", "two",
          "three", "four");

  private TinyEncoder() {}

  /**
   * Writes the model.
   *
   * @param oldNames whether norms have gamma and beta, and the encoder its prefix
   */
  static void write(Path directory, boolean oldNames) throws IOException {
    Files.createDirectories(directory);
    ObjectNode c = Json.object();
    c.putArray("architectures").add("BertModel");
    c.put("model_type", "bert").put("hidden_act", "gelu").put("layer_norm_eps", 1e-12);
    c.put("vocab_size", WORDS.size()).put("hidden_size", HIDDEN);
    c.put("intermediate_size", INNER).put("num_hidden_layers", 2);
    c.put("num_attention_heads", 4).put("max_position_embeddings", 24);
    c.put("type_vocab_size", 2).put("pad_token_id", 0);
    Files.writeString(directory.resolve("config.json"), Json.pretty(c));
    Files.writeString(directory.resolve("tokenizer.json"), Json.pretty(tokenizer()));
    Map<String, Tensor> weights = new LinkedHashMap<>();
    try (Random random = new Random(Device.CPU, 7)) {
      matrix(weights, random, "embeddings.word_embeddings", WORDS.size(), HIDDEN);
      matrix(weights, random, "embeddings.position_embeddings", 24, HIDDEN);
      matrix(weights, random, "embeddings.token_type_embeddings", 2, HIDDEN);
      norm(weights, "embeddings.LayerNorm");
      for (int i = 0; i < 2; i++) {
        String layer = "encoder.layer." + i + ".";
        for (String name : List.of("query", "key", "value")) {
          linear(weights, random, layer + "attention.self." + name, HIDDEN, HIDDEN);
        }
        linear(weights, random, layer + "attention.output.dense", HIDDEN, HIDDEN);
        norm(weights, layer + "attention.output.LayerNorm");
        linear(weights, random, layer + "intermediate.dense", INNER, HIDDEN);
        linear(weights, random, layer + "output.dense", HIDDEN, INNER);
        norm(weights, layer + "output.LayerNorm");
      }
      linear(weights, random, "pooler.dense", HIDDEN, HIDDEN);
    }
    Map<String, Safetensors.Source> sources = new LinkedHashMap<>();
    weights.forEach(
        (name, t) -> sources.put(oldNames ? old(name) : name, Safetensors.Source.of(t)));
    Safetensors.write(directory.resolve("model.safetensors"), sources, Map.of("format", "pt"));
    weights.values().forEach(Tensor::close);
  }

  private static String old(String name) {
    return "bert."
        + name.replace("LayerNorm.weight", "LayerNorm.gamma")
            .replace("LayerNorm.bias", "LayerNorm.beta");
  }

  private static void matrix(
      Map<String, Tensor> all, Random random, String name, long rows, long columns) {
    all.put(name + ".weight", random.normal(0, 0.3, rows, columns));
  }

  private static void linear(
      Map<String, Tensor> all, Random random, String name, long out, long in) {
    all.put(name + ".weight", random.normal(0, 0.2, out, in));
    all.put(name + ".bias", Tensor.zeros(Device.CPU, DType.FLOAT32, out));
  }

  private static void norm(Map<String, Tensor> all, String name) {
    all.put(name + ".weight", Tensor.empty(Device.CPU, DType.FLOAT32, HIDDEN).fillInPlace(1));
    all.put(name + ".bias", Tensor.zeros(Device.CPU, DType.FLOAT32, HIDDEN));
  }

  /** Whole words; [CLS] a [SEP], or [CLS] a [SEP] b [SEP]. */
  private static ObjectNode tokenizer() {
    ObjectNode t = Json.object();
    t.put("version", "1.0").putNull("truncation").putNull("padding");
    ArrayNode added = t.putArray("added_tokens");
    for (int i = 0; i < 4; i++) {
      ObjectNode token = added.addObject().put("id", i).put("content", WORDS.get(i));
      token.put("single_word", false).put("lstrip", false).put("rstrip", false);
      token.put("normalized", false).put("special", true);
    }
    t.putNull("normalizer").putObject("pre_tokenizer").put("type", "Whitespace");
    ObjectNode processor = t.putObject("post_processor").put("type", "TemplateProcessing");
    ArrayNode single = processor.putArray("single");
    ArrayNode pair = processor.putArray("pair");
    for (ArrayNode template : List.of(single, pair)) {
      piece(template, "SpecialToken", "[CLS]", 0);
      piece(template, "Sequence", "A", 0);
      piece(template, "SpecialToken", "[SEP]", 0);
    }
    piece(pair, "Sequence", "B", 1);
    piece(pair, "SpecialToken", "[SEP]", 1);
    ObjectNode special = processor.putObject("special_tokens");
    for (int i = 2; i < 4; i++) {
      ObjectNode token = special.putObject(WORDS.get(i)).put("id", WORDS.get(i));
      token.putArray("ids").add(i);
      token.putArray("tokens").add(WORDS.get(i));
    }
    t.putNull("decoder");
    ObjectNode model = t.putObject("model").put("type", "WordLevel").put("unk_token", "[UNK]");
    ObjectNode vocabulary = model.putObject("vocab");
    for (int i = 0; i < WORDS.size(); i++) {
      vocabulary.put(WORDS.get(i), i);
    }
    return t;
  }

  private static void piece(ArrayNode template, String kind, String id, int type) {
    template.addObject().putObject(kind).put("id", id).put("type_id", type);
  }

  /** Sentences that are good (1) or bad (0), with a line that names the columns. */
  static Path writeSentences(Path file) throws IOException {
    StringBuilder tsv = new StringBuilder("sentence\tlabel\n");
    String[][] judgements = {{"bad", "poor", "awful"}, {"good", "fine", "great"}};
    for (int i = 0; i < 96; i++) {
      String thing = List.of("film", "book", "song").get(i % 3);
      String start = List.of("the", "a", "this", "\" this").get(i / 2 % 4);
      String verb = List.of("is", "was", "is very", "was so").get(i / 3 % 4);
      String judgement = judgements[i % 2][i / 5 % 3];
      tsv.append(
          String.format(Locale.ROOT, "%s %s %s %s\t%d%n", start, thing, verb, judgement, i % 2));
    }
    return Files.writeString(file, tsv.toString());
  }

  /** Pairs of numbers with a score that grows with both, as JSONL. */
  static Path writePairs(Path file) throws IOException {
    List<String> numbers = List.of("one", "two", "three", "four");
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 64; i++) {
      int a = i % 4;
      int b = i / 4 % 4;
      ObjectNode row = Json.object();
      row.put("sentence1", numbers.get(a)).put("sentence2", numbers.get(b));
      row.put("score", a + 0.5 * b);
      rows.append(Json.compact(row)).append('\n');
    }
    return Files.writeString(file, rows.toString());
  }
}
