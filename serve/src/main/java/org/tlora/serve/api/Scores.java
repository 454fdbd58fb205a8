/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.tlora.format.Json;
import org.tlora.generate.ScoredToken;

/** Logarithms of probabilities of tokens as JSON. */
final class Scores {
  /** What JSON has for minus infinity: no probability is as small. */
  private static final double LEAST = -9999;

  private final TokenTexts texts;

  Scores(TokenTexts texts) {
    this.texts = texts;
  }

  /** As chats have them. */
  ObjectNode ofChat(List<ScoredToken> tokens) {
    ObjectNode all = Json.object();
    ArrayNode content = all.putArray("content");
    for (ScoredToken t : tokens) {
      ObjectNode one = content.addObject();
      put(one, t.id(), t.logProbability());
      ArrayNode best = one.putArray("top_logprobs");
      t.best().forEach(c -> put(best.addObject(), c.id(), c.logProbability()));
    }
    all.putNull("refusal");
    return all;
  }

  private void put(ObjectNode one, int token, double logProbability) {
    byte[] bytes = texts.bytes(token);
    one.put("token", text(bytes)).put("logprob", finite(logProbability));
    ArrayNode all = one.putArray("bytes");
    for (byte b : bytes) {
      all.add(b & 255);
    }
  }

  /**
   * As completions have them.
   *
   * @param from letters of the text before the first token
   */
  ObjectNode ofText(List<ScoredToken> tokens, int from) {
    ObjectNode all = Json.object();
    ArrayNode names = all.putArray("tokens");
    ArrayNode own = all.putArray("token_logprobs");
    ArrayNode best = all.putArray("top_logprobs");
    ArrayNode offsets = all.putArray("text_offset");
    int at = from;
    for (ScoredToken t : tokens) {
      String text = text(texts.bytes(t.id()));
      names.add(text);
      own.add(finite(t.logProbability()));
      ObjectNode others = best.addObject();
      t.best().forEach(c -> others.put(text(texts.bytes(c.id())), finite(c.logProbability())));
      offsets.add(at);
      at += text.length();
    }
    return all;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static double finite(double value) {
    return Math.max(LEAST, value);
  }
}
