/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.clients;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import java.util.Map;

/** OpenAI's own client, and what it is asked to send. */
final class OpenAi {
  private OpenAi() {}

  /** A client that looks at every field of what comes, and asks once. */
  static OpenAIClient client(String address) {
    return client(address, TinyService.KEY);
  }

  static OpenAIClient client(String address, String key) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(address)
        .apiKey(key)
        .responseValidation(true)
        .maxRetries(0)
        .build();
  }

  /** A question to the base whose answer is known, and has all its tokens. */
  static ChatCompletionCreateParams.Builder chat(TinyService service) {
    return ChatCompletionCreateParams.builder()
        .model(TinyService.BASE)
        .addUserMessage(TinyService.SAY)
        .temperature(0)
        .maxCompletionTokens(TinyService.TOKENS)
        .logitBias(bias(service.goingOn()));
  }

  /** By the ids of tokens. */
  static ChatCompletionCreateParams.LogitBias bias(Map<String, Integer> ids) {
    ChatCompletionCreateParams.LogitBias.Builder all =
        ChatCompletionCreateParams.LogitBias.builder();
    ids.forEach((id, bias) -> all.putAdditionalProperty(id, JsonValue.from(bias)));
    return all.build();
  }
}
