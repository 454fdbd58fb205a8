package org.tlora.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tlora.fault.InputFault;
import org.tlora.text.Message;

/**
 * Rows with a list of turns.
 *
 * @param field the list
 * @param roleField who speaks, in each turn
 * @param contentField what is said: a text, or a list of parts with a {@code text} each
 */
record ConversationFormat(String name, String field, String roleField, String contentField)
    implements ExampleFormat {
  /** Names of speakers that mean a role. */
  private static final Map<String, String> ROLES =
      Map.of(
          "human", "user",
          "gpt", Message.ASSISTANT,
          "bot", Message.ASSISTANT,
          "chatgpt", Message.ASSISTANT,
          "model", Message.ASSISTANT,
          "function_response", "tool",
          "observation", "tool");

  @Override
  public boolean fits(Row row) {
    JsonNode first = row.fields().path(field).path(0);
    return first.has(roleField) && first.has(contentField);
  }

  @Override
  public Example read(Row row) {
    JsonNode turns = row.fields().path(field);
    if (!turns.isArray() || turns.isEmpty()) {
      throw new InputFault(
          row.where()
              + ": field '"
              + field
              + "' is not a list of turns; the row has "
              + Fields.names(row));
    }
    List<Message> messages = new ArrayList<>();
    for (JsonNode turn : turns) {
      String where = row.where() + ", turn " + (messages.size() + 1);
      JsonNode role = turn.path(roleField);
      if (!role.isTextual()) {
        throw new InputFault(where + ": field '" + roleField + "' is missing");
      }
      String name = ROLES.getOrDefault(role.asText(), role.asText());
      messages.add(new Message(name, content(turn.path(contentField), where)));
    }
    if (messages.stream().noneMatch(Message::isOfAssistant)) {
      throw new InputFault(row.where() + ": no turn is the assistant's");
    }
    return new Example.Conversation(List.copyOf(messages), row.where());
  }

  private String content(JsonNode content, String where) {
    if (content.isTextual()) {
      return content.asText();
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode part : content) {
      if (!part.path("text").isTextual()) {
        throw new InputFault(where + ": only text can be learned, not " + part.path("type"));
      }
      text.append(part.path("text").asText());
    }
    if (!content.isArray() || content.isEmpty()) {
      throw new InputFault(where + ": field '" + contentField + "' is not a text");
    }
    return text.toString();
  }
}
