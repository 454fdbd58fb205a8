/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.langchain4j;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import java.util.List;
import java.util.Set;
import org.tlora.AnswerListener;
import org.tlora.Asked;
import org.tlora.LanguageModel;
import org.tlora.TrainedAdapter;

/**
 * What a chat model is, whether it streams or not.
 *
 * @param adapters what it runs with, or null: what is attached to the model
 * @param defaults of requests, the model's name among them
 */
record ChatSettings(
    LanguageModel model,
    List<TrainedAdapter> adapters,
    TloraChatRequestParameters defaults,
    List<ChatModelListener> listeners,
    Set<Capability> capabilities) {
  /** Its name. */
  String name() {
    return defaults.modelName();
  }

  /**
   * Asks for an answer.
   *
   * @throws RuntimeException as programs with LangChain4j expect it, if it cannot be asked for
   */
  Asked ask(ChatRequest request, AnswerListener listener) {
    try {
      return model.ask(Requests.of(request, name(), adapters), listener);
    } catch (RuntimeException e) {
      throw Failures.of(e);
    }
  }
}
