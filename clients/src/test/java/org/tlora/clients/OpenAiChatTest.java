/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.core.JsonValue;
import com.openai.core.RequestOptions;
import com.openai.core.http.AsyncStreamResponse;
import com.openai.core.http.StreamResponse;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionContentPart;
import com.openai.models.chat.completions.ChatCompletionContentPartText;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionTokenLogprob;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionChoice;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.models.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OpenAI's own client for Java: models, chats and completions. */
class OpenAiChatTest {
  @TempDir private static Path directory;
  private static TinyService service;
  private static OpenAIClient client;

  @BeforeAll
  static void start() throws IOException {
    service = new TinyService(directory);
    client = OpenAi.client(service.address());
  }

  @AfterAll
  static void end() {
    client.close();
    service.close();
  }

  private static ChatCompletionCreateParams.Builder chat() {
    return OpenAi.chat(service);
  }

  private static ChatCompletion ask(ChatCompletionCreateParams.Builder chat) {
    return client.chat().completions().create(chat.build());
  }

  private static String text(ChatCompletion answer) {
    return answer.choices().get(0).message().content().orElseThrow();
  }

  @Test
  void modelsAreListedAndFound() {
    List<String> ids = client.models().list().autoPager().stream().map(Model::id).toList();
    assertEquals(List.of(TinyService.BASE, TinyService.ADAPTER), ids);
    assertEquals(TinyService.ADAPTER, client.models().retrieve(TinyService.ADAPTER).id());
  }

  @Test
  void anAnswerIsWhatTheModelSaysInThisProcess() {
    ChatCompletion answer = ask(chat());
    assertEquals(service.says(TinyService.SAY), text(answer));
    assertEquals(ChatCompletion.Choice.FinishReason.LENGTH, answer.choices().get(0).finishReason());
    assertEquals(TinyService.TOKENS, answer.usage().orElseThrow().completionTokens());
    assertEquals(TinyService.BASE, answer.model());
  }

  @Test
  void partsOfATextAreReadAndWhatIsOfNoUseIgnored() {
    ChatCompletionContentPart part =
        ChatCompletionContentPart.ofText(
            ChatCompletionContentPartText.builder().text(TinyService.SAY).build());
    ChatCompletionCreateParams.Builder asked =
        chat()
            .messages(List.of())
            .addUserMessageOfArrayOfContentParts(List.of(part))
            .store(true)
            .metadata(
                ChatCompletionCreateParams.Metadata.builder()
                    .putAdditionalProperty("of", JsonValue.from("a test"))
                    .build())
            .serviceTier(ChatCompletionCreateParams.ServiceTier.AUTO)
            .promptCacheKey("a key")
            .parallelToolCalls(false);
    assertEquals(service.says(TinyService.SAY), text(ask(asked)));
  }

  @Test
  void aStreamAddsUpToTheWhole() {
    ChatCompletionAccumulator all = ChatCompletionAccumulator.create();
    List<ChatCompletionChunk> chunks;
    ChatCompletionCreateParams asked =
        chat()
            .logprobs(true)
            .topLogprobs(2)
            .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
            .build();
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(asked)) {
      chunks = stream.stream().peek(all::accumulate).toList();
    }
    assertTrue(chunks.size() > 4, "in pieces: " + chunks.size());
    ChatCompletion added = all.chatCompletion().validate();
    ChatCompletion whole = ask(chat().logprobs(true).topLogprobs(2));
    assertEquals(text(whole), text(added));
    assertEquals(
        whole.usage().orElseThrow().totalTokens(), added.usage().orElseThrow().totalTokens());
    assertEquals(whole.choices().get(0).finishReason(), added.choices().get(0).finishReason());
    assertEquals(tokens(whole), tokens(added));
    assertEquals(TinyService.TOKENS, tokens(whole).size());
  }

  private static List<String> tokens(ChatCompletion answer) {
    List<ChatCompletionTokenLogprob> all =
        answer.choices().get(0).logprobs().orElseThrow().content().orElseThrow();
    for (ChatCompletionTokenLogprob one : all) {
      assertTrue(one.logprob() <= 0, one.toString());
      assertEquals(2, one.topLogprobs().size());
    }
    return all.stream().map(ChatCompletionTokenLogprob::token).toList();
  }

  @Test
  @SuppressWarnings("deprecation") // seeds, which OpenAI's own models give up
  void aSeedGivesSeveralAnswersAgain() {
    ChatCompletionCreateParams.Builder asked = chat().temperature(1.5).seed(7).n(3);
    List<String> first = texts(ask(asked));
    assertEquals(3, first.size());
    assertEquals(first, texts(ask(asked)));
    assertNotEquals(first.get(0), first.get(1));
    assertNotEquals(first, texts(ask(asked.seed(8))));
  }

  private static List<String> texts(ChatCompletion answer) {
    return answer.choices().stream().map(c -> c.message().content().orElseThrow()).toList();
  }

  @Test
  void anAnswerStopsBeforeAStopWord() {
    String free = service.says(TinyService.SAY);
    String stop = free.substring(4, 6);
    System.err.println(
        "XX "
            + org.tlora.format.Json.quoted(free)
            + chat().stopOfStrings(List.of("no such words", stop)).build()._body());
    String until = free.substring(0, free.indexOf(stop));
    ChatCompletion answer = ask(chat().stopOfStrings(List.of("no such words", stop)));
    assertEquals(until, text(answer));
    assertEquals(ChatCompletion.Choice.FinishReason.STOP, answer.choices().get(0).finishReason());
    assertEquals(until, text(ask(chat().stop(stop))));
  }

  @Test
  void completionsOfSeveralPromptsComeInTheirOrder() {
    CompletionCreateParams.Builder asked =
        CompletionCreateParams.builder()
            .model(TinyService.BASE)
            .promptOfArrayOfStrings(List.of("say bo", "say la"))
            .temperature(0)
            .maxTokens(8);
    Completion both = client.completions().create(asked.logprobs(1).build());
    assertEquals(2, both.choices().size());
    Completion second = client.completions().create(asked.prompt("say la").build());
    assertEquals(second.choices().get(0).text(), both.choices().get(1).text());
    assertFalse(both.choices().get(0).logprobs().orElseThrow().tokens().orElseThrow().isEmpty());
    String pieces;
    // its check wants a reason to end in each piece, which OpenAI does not send either
    RequestOptions unchecked = RequestOptions.builder().responseValidation(false).build();
    try (StreamResponse<Completion> stream =
        client.completions().createStreaming(asked.build(), unchecked)) {
      pieces =
          stream.stream()
              .flatMap(piece -> piece.choices().stream())
              .map(CompletionChoice::text)
              .collect(Collectors.joining());
    }
    assertEquals(second.choices().get(0).text(), pieces);
  }

  @Test
  void severalAtOnceGetTheirOwn() {
    List<String> models = List.of(TinyService.BASE, TinyService.ADAPTER);
    List<String> wanted =
        List.of(service.says(TinyService.SAY), service.adapterSays(TinyService.SAY));
    assertNotEquals(wanted.get(0), wanted.get(1));
    List<CompletableFuture<ChatCompletion>> all = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      ChatCompletionCreateParams asked = chat().model(models.get(i % 2)).build();
      all.add(client.async().chat().completions().create(asked));
    }
    for (int i = 0; i < all.size(); i++) {
      assertEquals(wanted.get(i % 2), text(all.get(i).join()));
    }
  }

  private static ChatCompletionCreateParams longOne() {
    return chat().maxCompletionTokens(1000).n(16).build();
  }

  @Test
  void aStreamThatIsClosedIsNotWrittenOn() throws InterruptedException {
    double before = service.cancelled();
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(longOne())) {
      Iterator<ChatCompletionChunk> chunks = stream.stream().iterator();
      assertTrue(chunks.hasNext());
      assertTrue(service.metric("tlora_requests_running") > 0);
    }
    service.awaitCancelled(before);
    assertEquals(service.says(TinyService.SAY), text(ask(chat())));
  }

  @Test
  void anAsynchronousStreamThatIsClosedIsNotWrittenOn() throws Exception {
    double before = service.cancelled();
    CompletableFuture<ChatCompletionChunk> first = new CompletableFuture<>();
    AsyncStreamResponse<ChatCompletionChunk> stream =
        client.async().chat().completions().createStreaming(longOne());
    stream.subscribe(first::complete);
    first.get(30, TimeUnit.SECONDS);
    stream.close();
    service.awaitCancelled(before);
  }
}
