/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.tlora.format.Json;

/**
 * One turn of a conversation, with everything that is said of it.
 *
 * @param role {@code system}, {@code user}, {@code assistant}, {@code tool} or whatever else the
 *     model's template knows
 * @param fields all of the turn, {@code role} and {@code content} too, as templates see it
 */
public record Message(String role, ObjectNode fields) {
  /** The role whose turns are learned. */
  public static final String ASSISTANT = "assistant";

  /** The role that speaks before the conversation. */
  public static final String SYSTEM = "system";

  /** Fields that hold what was thought before the answer, the usual one first. */
  public static final List<String> THOUGHTS = List.of("reasoning_content", "thinking", "reasoning");

  private static final String CONTENT = "content";

  /** Sets the role. */
  public Message {
    fields = fields.deepCopy().put("role", role);
  }

  /** A turn that is a text alone. */
  public static Message of(String role, String content) {
    return new Message(role, Json.object().put("role", role).put(CONTENT, content));
  }

  /** What is said: a text, or the texts of its parts one behind the other; may be empty. */
  public String content() {
    JsonNode content = fields.path(CONTENT);
    if (!content.isArray()) {
      return content.isTextual() ? content.asText() : "";
    }
    StringBuilder text = new StringBuilder();
    content.forEach(
        part -> text.append(part.isTextual() ? part.asText() : part.path("text").asText()));
    return text.toString();
  }

  /** Whether what is said is given in parts. */
  public boolean hasParts() {
    return fields.path(CONTENT).isArray();
  }

  /** The same turn with its parts joined to one text. */
  public Message withPartsJoined() {
    return hasParts() ? new Message(role, fields.deepCopy().put(CONTENT, content())) : this;
  }

  /** Whether this is said before the conversation. */
  public boolean isOfSystem() {
    return role.equals(SYSTEM) || role.equals("developer");
  }

  /** Whether the model says this. */
  public boolean isOfAssistant() {
    return role.equals(ASSISTANT);
  }
}
