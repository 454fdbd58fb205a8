/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.examples;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.ArrayList;
import java.util.List;
import org.tlora.LanguageModel;
import org.tlora.langchain4j.TloraChatModel;

/** Talks with a model through LangChain4j, and says how many tokens each turn took. */
public final class LangChain4jChat {
  private LangChain4jChat() {}

  /** Arguments: the model, then what is said, a turn each. */
  public static void main(String[] args) {
    try (LanguageModel opened = LanguageModel.load(args[0])) {
      TloraChatModel model =
          TloraChatModel.builder().model(opened).temperature(0.7).maxOutputTokens(64).build();
      List<ChatMessage> messages = new ArrayList<>();
      messages.add(SystemMessage.from("You are brief."));
      for (String text : List.of(args).subList(1, args.length)) {
        messages.add(UserMessage.from(text));
        ChatResponse response = model.chat(messages);
        messages.add(response.aiMessage());
        System.out.println("> " + text);
        System.out.println(response.aiMessage().text());
        System.out.printf(
            "(%s: %d tokens in, %d out)%n",
            response.modelName(),
            response.tokenUsage().inputTokenCount(),
            response.tokenUsage().outputTokenCount());
      }
    }
  }
}
