/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.examples;

import java.util.List;
import org.tlora.Chat;
import org.tlora.GenerationOptions;
import org.tlora.LanguageModel;

/** Talks with a model, and prints its answers while they are written. */
public final class StreamingChat {
  private StreamingChat() {}

  /** Arguments: the model, then what is said, a turn each. */
  public static void main(String[] args) {
    GenerationOptions options =
        GenerationOptions.builder().temperature(0.7).topP(0.9).maxNewTokens(64).seed(1).build();
    try (LanguageModel model = LanguageModel.load(args[0])) {
      Chat chat = model.chat("You are brief.", options);
      for (String text : List.of(args).subList(1, args.length)) {
        System.out.println("> " + text);
        chat.ask(text, System.out::print);
        System.out.println();
      }
    }
  }
}
