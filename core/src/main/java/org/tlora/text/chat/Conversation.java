/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.tlora.format.Json;

/**
 * What a chat template is given.
 *
 * @param tools descriptions of functions that the model may call, or null
 * @param variables further names that templates see, such as {@code documents} or {@code
 *     enable_thinking}
 */
public record Conversation(List<Message> messages, ArrayNode tools, ObjectNode variables) {
  /** Keeps a copy of the list. */
  public Conversation {
    messages = List.copyOf(messages);
  }

  /** Turns alone. */
  public static Conversation of(List<Message> messages) {
    return new Conversation(messages, null, Json.object());
  }

  /** The first {@code count} turns, with everything else. */
  public Conversation first(int count) {
    return withMessages(messages.subList(0, count));
  }

  /** Other turns, with everything else. */
  public Conversation withMessages(List<Message> others) {
    return new Conversation(others, tools, variables);
  }
}
