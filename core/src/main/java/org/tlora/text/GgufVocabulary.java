/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.tlora.fault.InputFault;

/** The {@code tokenizer.ggml.*} metadata for a {@code tokenizer.json}: what llama.cpp reads. */
public final class GgufVocabulary {
  private static final long NORMAL = 1;
  private static final long UNKNOWN = 2;
  private static final long CONTROL = 3;
  private static final long USER_DEFINED = 4;
  private static final long UNUSED = 5;
  private static final long BYTE = 6;

  private final ObjectNode json;
  private final String where;
  private final String[] tokens;
  private final Long[] types;

  private GgufVocabulary(ObjectNode json, int size, String where) {
    this.json = json;
    this.where = where;
    this.tokens = new String[size];
    this.types = new Long[size];
  }

  /**
   * Metadata of a byte-level BPE whose pre-tokenizer llama.cpp has a name for, or of a
   * SentencePiece BPE.
   *
   * @param size rows of the model's embedding, which may be more than the tokens
   * @throws InputFault if it is another tokenizer
   */
  public static Map<String, Object> metadata(ObjectNode tokenizer, int size, String where) {
    return new GgufVocabulary(tokenizer, size, where).metadata();
  }

  private Map<String, Object> metadata() {
    JsonNode model = json.path("model");
    if (!model.path("type").asText().equals("BPE")) {
      throw new InputFault(
          where + ": a tokenizer of type " + model.path("type") + " has no form in GGUF here");
    }
    boolean sentencePiece = model.path("byte_fallback").asBoolean();
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("tokenizer.ggml.model", sentencePiece ? "llama" : "gpt2");
    m.put("tokenizer.ggml.pre", sentencePiece ? "default" : pre());
    fill(model);
    m.put("tokenizer.ggml.tokens", List.of(tokens));
    List<String> merges = merges(model);
    if (sentencePiece) {
      m.put("tokenizer.ggml.scores", scores(merges));
      m.put(
          "tokenizer.ggml.add_space_prefix",
          json.path("normalizer").toString().contains("Prepend"));
    }
    m.put("tokenizer.ggml.token_type", List.of(types));
    if (!sentencePiece) {
      m.put("tokenizer.ggml.merges", merges);
    }
    m.put("tokenizer.ggml.add_bos_token", addsBos());
    return m;
  }

  private String pre() {
    return GgufTokenizer.preTokenizerName(json)
        .orElseThrow(
            () ->
                new InputFault(
                    where + ": llama.cpp has no name that is known here for this pre-tokenizer"));
  }

  private void fill(JsonNode model) {
    model
        .path("vocab")
        .properties()
        .forEach(e -> set(e.getValue().asInt(), e.getKey(), typeOf(e.getKey())));
    for (JsonNode added : json.path("added_tokens")) {
      long type = added.path("special").asBoolean() ? CONTROL : USER_DEFINED;
      set(added.path("id").asInt(), added.path("content").asText(), type);
    }
    String unknown = model.path("unk_token").asText("");
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] == null) {
        set(i, "[PAD" + i + "]", UNUSED);
      } else if (tokens[i].equals(unknown)) {
        types[i] = UNKNOWN;
      }
    }
  }

  private long typeOf(String token) {
    boolean isByte = token.matches("<0x[0-9A-F]{2}>");
    return isByte && json.path("model").path("byte_fallback").asBoolean() ? BYTE : NORMAL;
  }

  private void set(int id, String token, long type) {
    if (id < 0 || id >= tokens.length) {
      throw new InputFault(
          where + ": token id " + id + " is outside the model's vocabulary of " + tokens.length);
    }
    tokens[id] = token;
    types[id] = type;
  }

  private static List<String> merges(JsonNode model) {
    List<String> merges = new ArrayList<>();
    for (JsonNode merge : model.path("merges")) {
      merges.add(
          merge.isArray() ? merge.get(0).asText() + " " + merge.get(1).asText() : merge.asText());
    }
    return merges;
  }

  /** The earlier a pair is joined, the better the score of what it becomes. */
  private List<Double> scores(List<String> merges) {
    Map<String, Integer> first = new LinkedHashMap<>();
    for (int i = 0; i < merges.size(); i++) {
      first.putIfAbsent(merges.get(i).replaceFirst(" ", ""), i);
    }
    List<Double> scores = new ArrayList<>(Collections.nCopies(tokens.length, 0.0));
    for (int id = 0; id < tokens.length; id++) {
      Integer rank = first.get(tokens[id]);
      if (Objects.equals(types[id], NORMAL)) {
        scores.set(id, rank == null ? -1e6 : -(double) rank);
      }
    }
    return scores;
  }

  private boolean addsBos() {
    JsonNode processor = json.path("post_processor");
    for (JsonNode p :
        processor.has("processors") ? processor.path("processors") : List.of(processor)) {
      if (p.path("single").path(0).has("SpecialToken")) {
        return true;
      }
    }
    return false;
  }
}
