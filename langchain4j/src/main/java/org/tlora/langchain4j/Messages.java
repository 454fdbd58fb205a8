/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Conversations as OpenAI's API has them, which chat templates are written for. */
final class Messages {
  private static final String CONTENT = "content";

  private Messages() {}

  /**
   * The list of messages.
   *
   * @throws UnsupportedFeatureException if one of them has something that is no text, or is of a
   *     kind that templates have no role for
   */
  static String json(List<ChatMessage> messages) {
    return JsonText.of(messages.stream().map(Messages::fields).toList());
  }

  private static Map<String, Object> fields(ChatMessage message) {
    if (message instanceof SystemMessage system) {
      Map<String, Object> all = role("system");
      all.put(CONTENT, system.text());
      return all;
    }
    if (message instanceof UserMessage user) {
      Map<String, Object> all = role("user");
      put(all, "name", user.name());
      all.put(CONTENT, texts(user.contents(), "a user's message"));
      return all;
    }
    if (message instanceof AiMessage ai) {
      return assistant(ai);
    }
    if (message instanceof ToolExecutionResultMessage result) {
      Map<String, Object> all = role("tool");
      put(all, "tool_call_id", result.id());
      put(all, "name", result.toolName());
      all.put(CONTENT, texts(result.contents(), "a tool's result"));
      return all;
    }
    throw new UnsupportedFeatureException(
        "a message of type " + message.type() + ": chat templates have no role for it");
  }

  private static Map<String, Object> assistant(AiMessage ai) {
    if (!ai.images().isEmpty()) {
      throw new UnsupportedFeatureException("the model's message has an image: it reads text");
    }
    Map<String, Object> all = role("assistant");
    all.put(CONTENT, ai.text() == null ? "" : ai.text());
    put(all, "reasoning_content", ai.thinking()); // the name that most templates know
    if (ai.hasToolExecutionRequests()) {
      all.put("tool_calls", ai.toolExecutionRequests().stream().map(Messages::call).toList());
    }
    return all;
  }

  private static Map<String, Object> call(ToolExecutionRequest request) {
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", request.name());
    function.put("arguments", request.arguments() == null ? "{}" : request.arguments());
    Map<String, Object> all = new LinkedHashMap<>();
    put(all, "id", request.id());
    all.put("type", "function");
    all.put("function", function);
    return all;
  }

  /** One text, or a list of parts where there are several. */
  private static Object texts(List<Content> contents, String where) {
    for (Content content : contents) {
      if (!(content instanceof TextContent)) {
        String type = content.type().name().toLowerCase(Locale.ROOT);
        throw new UnsupportedFeatureException(
            where + " has content of type " + type + ": the model reads text");
      }
    }
    List<String> texts = contents.stream().map(c -> ((TextContent) c).text()).toList();
    return texts.size() == 1
        ? texts.get(0)
        : texts.stream().map(text -> Map.of("type", "text", "text", text)).toList();
  }

  private static Map<String, Object> role(String name) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("role", name);
    return all;
  }

  private static void put(Map<String, Object> all, String field, String value) {
    if (value != null) {
      all.put(field, value);
    }
  }
}
