/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.text.chat.Conversation;
import org.tlora.text.chat.Message;

/**
 * Conversations as OpenAI's API has them, as chat templates read them: arguments of calls are
 * objects there, not texts, a developer is the system, and a content that is null is empty.
 */
final class Conversations {
  private static final String CONTENT = "content";

  private Conversations() {}

  /**
   * The conversation of a request.
   *
   * @param tools or null
   * @throws InputFault with the message that is wrong
   */
  static Conversation of(AnswerRequest asked, ArrayNode tools) {
    ArrayNode messages = Asking.list(asked.messages(), "messages");
    if (messages.isEmpty()) {
      throw new InputFault("'messages' has no message");
    }
    List<Message> all = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      all.add(message(messages.get(i), "messages[" + i + "]"));
    }
    ObjectNode variables =
        asked.variables() == null
            ? Json.object()
            : Json.parseObject(asked.variables(), "chat_template_kwargs");
    boolean none = asked.toolChoice().equals(AnswerRequest.NONE);
    return new Conversation(
        all, tools == null || tools.isEmpty() || none ? null : tools, variables);
  }

  private static Message message(JsonNode given, String where) {
    if (!(given instanceof ObjectNode object) || !object.path("role").isTextual()) {
      throw new InputFault("'" + where + "' must be an object with a 'role'");
    }
    ObjectNode fields = object.deepCopy();
    String role = fields.path("role").asText();
    if (role.equals("developer")) {
      role = Message.SYSTEM;
    } else if (role.equals("function")) {
      role = "tool";
    }
    JsonNode content = fields.path(CONTENT);
    if (content.isMissingNode() || content.isNull()) {
      fields.put(CONTENT, "");
    } else if (content.isArray()) {
      fields.set(CONTENT, texts(content, where));
    } else if (!content.isTextual()) {
      throw new InputFault("'" + where + ".content' must be a text or a list of parts");
    }
    JsonNode calls = fields.path("tool_calls");
    if (!calls.isMissingNode() && !calls.isNull() && !calls.isArray()) {
      throw new InputFault("'" + where + ".tool_calls' must be a list");
    }
    for (JsonNode call : calls) {
      readArguments(call.path("function"), where);
    }
    return new Message(role, fields);
  }

  /** Parts that are texts. */
  private static ArrayNode texts(JsonNode parts, String where) {
    ArrayNode all = Json.object().arrayNode();
    for (JsonNode part : parts) {
      String type = part.path("type").asText();
      JsonNode text = part.path(type);
      if ((!type.equals("text") && !type.equals("refusal")) || !text.isTextual()) {
        throw new InputFault(
            "'" + where + ".content' has a part of type '" + type + "': this model reads text");
      }
      all.addObject().put("type", "text").put("text", text.asText());
    }
    return all;
  }

  private static void readArguments(JsonNode function, String where) {
    if (!(function instanceof ObjectNode call) || !call.path("name").isTextual()) {
      throw new InputFault("'" + where + ".tool_calls' has a call without a function's name");
    }
    JsonNode arguments = call.path("arguments");
    if (arguments.isTextual()) {
      String text = arguments.asText();
      call.set("arguments", text.isBlank() ? Json.object() : parsed(text, where));
    } else if (!arguments.isMissingNode() && !arguments.isNull() && !arguments.isObject()) {
      throw new InputFault(
          "'" + where + ".tool_calls' has arguments that are neither a text nor an object");
    }
  }

  private static JsonNode parsed(String arguments, String where) {
    try {
      return Json.parse(arguments, "arguments");
    } catch (InputFault e) {
      throw new InputFault("'" + where + ".tool_calls' has arguments that are no JSON", e);
    }
  }
}
