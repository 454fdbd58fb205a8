/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.tlora.LabelScores;
import org.tlora.Vectors;
import org.tlora.format.Json;

/**
 * What {@code POST /v1/embeddings} is asked for, and {@code POST /classify}, which vLLM has.
 *
 * @param texts at least one
 * @param base64 whether vectors are bytes of float32, little end first, instead of numbers
 */
public record VectorBody(String model, List<String> texts, boolean base64) {
  private static final int MOST_TEXTS = 2048;
  private static final String INPUT = "input";

  /** Keeps a copy of the list. */
  public VectorBody {
    texts = List.copyOf(texts);
  }

  /**
   * Reads a body.
   *
   * @throws ApiException naming the field that is wrong
   */
  public static VectorBody read(ObjectNode body) {
    Fields fields = new Fields(body);
    String model = Bodies.model(fields);
    fields.refuse("dimensions", "cannot be chosen: vectors are as long as the model makes them");
    String format = fields.text("encoding_format", "float");
    if (!format.equals("float") && !format.equals("base64")) {
      throw ApiException.invalid("encoding_format", "'encoding_format' must be float or base64");
    }
    List<String> texts = new ArrayList<>();
    JsonNode input = fields.get(INPUT);
    for (JsonNode text : input.isArray() ? input : List.of(input)) {
      if (!text.isTextual()) {
        throw ApiException.invalid(INPUT, "'input' must be a string or a list of strings");
      }
      texts.add(text.asText());
    }
    if (texts.isEmpty() || texts.size() > MOST_TEXTS) {
      throw ApiException.invalid(INPUT, "'input' must have between 1 and " + MOST_TEXTS + " texts");
    }
    return new VectorBody(model, texts, format.equals("base64"));
  }

  /** The answer with vectors. */
  public ObjectNode answer(Vectors vectors) {
    ObjectNode all = Json.object().put("object", "list");
    ArrayNode data = all.putArray("data");
    for (int i = 0; i < vectors.all().size(); i++) {
      ObjectNode one = data.addObject().put("object", "embedding").put("index", i);
      float[] v = vectors.all().get(i);
      if (base64) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * v.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(v);
        one.put("embedding", Base64.getEncoder().encodeToString(bytes.array()));
      } else {
        ArrayNode numbers = one.putArray("embedding");
        for (float x : v) {
          numbers.add(x);
        }
      }
    }
    return ended(all, vectors.tokens());
  }

  /** The answer with labels. */
  public ObjectNode answer(LabelScores scores) {
    ObjectNode all = Json.object();
    ResponseHead head = ResponseHead.of("classify-", model);
    all.put("id", head.id()).put("object", "list").put("created", head.created());
    ArrayNode data = all.putArray("data");
    for (int i = 0; i < scores.all().size(); i++) {
      Map<String, Double> each = scores.all().get(i);
      String best = Collections.max(each.entrySet(), Map.Entry.comparingByValue()).getKey();
      ObjectNode one = data.addObject().put("index", i).put("label", best);
      ArrayNode probabilities = one.putArray("probs");
      ObjectNode named = one.putObject("scores");
      each.forEach(
          (label, p) -> {
            probabilities.add(p);
            named.put(label, p);
          });
      one.put("num_classes", each.size());
    }
    return ended(all, scores.tokens());
  }

  private ObjectNode ended(ObjectNode all, int tokens) {
    all.put("model", model);
    all.putObject("usage").put("prompt_tokens", tokens).put("total_tokens", tokens);
    return all;
  }
}
