/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.look;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tlora.fault.InputFault;
import org.tlora.format.OwnFiles;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.text.Tokenizer;
import org.tlora.text.chat.ChatTemplate;
import org.tlora.text.chat.TemplateFamily;

/** A model's tokenizer, special tokens and chat template; damaged ones are problems. */
final class TokenizerLook {
  private TokenizerLook() {}

  static void into(Facts facts, PretrainedModel model) {
    try {
      if (isThere(model)) {
        tokenizer(facts, model);
      } else {
        facts.json().putNull("tokenizer");
        facts.line("tokenizer", "none");
      }
    } catch (InputFault e) {
      facts.json().putNull("tokenizer");
      facts.problem("tokenizer: " + e.getMessage());
    }
    try {
      template(facts, model);
    } catch (InputFault e) {
      facts.problem(e.getMessage());
    }
  }

  private static boolean isThere(PretrainedModel model) {
    return model.gguf() == null
        ? Files.exists(OwnFiles.of(model.path(), "tokenizer.json"))
        : model.gguf().metadata().containsKey("tokenizer.ggml.model");
  }

  private static void tokenizer(Facts facts, PretrainedModel model) {
    Tokenizer tokenizer = model.tokenizer();
    JsonNode definition = tokenizer.definition();
    Set<Integer> ids = ids(definition);
    int largest = ids.stream().mapToInt(Integer::intValue).max().orElse(-1);
    int rows =
        model.isEncoder() ? model.encoder().vocabularySize() : model.decoder().vocabularySize();
    ObjectNode json = facts.json().putObject("tokenizer");
    json.put("type", kind(definition)).put("vocabulary", ids.size()).put("largest_id", largest);
    facts.line("tokenizer", kind(definition) + " of " + Words.count(ids.size(), "token"));
    ObjectNode special = json.putObject("special_tokens");
    for (Map.Entry<String, String> e : model.specialTokens().entrySet()) {
      int id = tokenizer.idOf(e.getValue());
      special.putObject(e.getKey()).put("token", e.getValue()).put("id", id);
      facts.inner(e.getKey(), e.getValue() + (id < 0 ? " (no token of it)" : " (" + id + ")"));
    }
    int others = 0;
    for (JsonNode added : definition.path("added_tokens")) {
      others += added.path("special").asBoolean() ? 1 : 0;
    }
    json.put("special_count", others);
    facts.inner("special", Words.count(others, "token") + " in all");
    if (!model.isEncoder()) {
      ends(facts, json, model, tokenizer);
    }
    json.put("beyond_embedding", largest >= rows);
    facts.inner(
        "beyond",
        largest < rows
            ? null
            : "ids go up to " + largest + ", the embedding has " + rows + " rows for them");
  }

  private static void ends(
      Facts facts, ObjectNode json, PretrainedModel model, Tokenizer tokenizer) {
    List<String> ends = new ArrayList<>();
    var array = json.putArray("ends");
    for (int id : model.generationEos()) {
      array.add(id);
      String token = tokenizer.tokenOf(id);
      ends.add((token == null ? "no token of it" : token) + " (" + id + ")");
    }
    facts.inner("ends a text", String.join(", ", ends));
  }

  private static Set<Integer> ids(JsonNode definition) {
    Set<Integer> ids = new HashSet<>();
    JsonNode vocabulary = definition.path("model").path("vocab");
    if (vocabulary.isArray()) {
      for (int i = 0; i < vocabulary.size(); i++) {
        ids.add(i);
      }
    } else {
      vocabulary.forEach(id -> ids.add(id.asInt()));
    }
    definition.path("added_tokens").forEach(added -> ids.add(added.path("id").asInt()));
    return ids;
  }

  private static String kind(JsonNode definition) {
    JsonNode model = definition.path("model");
    String type = model.path("type").asText("BPE");
    if (type.equals("BPE") && model.path("byte_fallback").asBoolean()) {
      return "BPE with bytes for what it does not know";
    }
    boolean bytes = definition.path("pre_tokenizer").toString().contains("\"ByteLevel\"");
    return type.equals("BPE") && bytes ? "byte-level BPE" : type;
  }

  private static void template(Facts facts, PretrainedModel model) {
    String source = model.chatTemplate();
    facts.json().put("chat_template", source != null);
    if (source == null) {
      facts.line("chat template", model.isEncoder() ? null : "none");
      return;
    }
    ChatTemplate template = new ChatTemplate(source, model.specialTokens());
    String family = TemplateFamily.of(template).orElse(null);
    boolean tools = template.mentions("tools");
    int letters = source.codePointCount(0, source.length());
    facts.json().put("chat_template_family", family).put("chat_template_length", letters);
    facts.json().put("chat_template_tools", tools);
    facts.line(
        "chat template",
        (family == null ? "of no family that is known" : family)
            + ", "
            + Words.count(letters, "letter")
            + (tools ? ", knows tools" : ""));
  }
}
