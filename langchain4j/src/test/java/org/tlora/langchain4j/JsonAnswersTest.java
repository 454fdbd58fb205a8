/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonArraySchema;
import dev.langchain4j.model.chat.request.json.JsonEnumSchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonReferenceSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.format.Json;

/** Answers that are held to JSON. */
class JsonAnswersTest {
  @TempDir private static Path directory;
  private static TinyChat tiny;
  private static TloraChatModel model;

  @BeforeAll
  static void open() throws IOException {
    tiny = new TinyChat(directory);
    model =
        TloraChatModel.builder()
            .model(tiny.model())
            .maxOutputTokens(200)
            .temperature(1.5)
            .seed(1L)
            .build();
  }

  @AfterAll
  static void close() {
    tiny.close();
  }

  private static ChatRequest request(JsonSchemaElement schema) {
    JsonSchema named = JsonSchema.builder().name("it").rootElement(schema).build();
    return ChatRequest.builder()
        .messages(UserMessage.from("say bo"))
        .responseFormat(
            ResponseFormat.builder().type(ResponseFormatType.JSON).jsonSchema(named).build())
        .build();
  }

  private static void assertHeldTo(JsonSchemaElement schema, String asJson) {
    for (long seed = 0; seed < 4; seed++) {
      TloraChatRequestParameters drawn = TloraChatRequestParameters.builder().seed(seed).build();
      ChatRequest request = request(schema);
      ChatResponse response =
          model.chat(
              ChatRequest.builder()
                  .messages(request.messages())
                  .parameters(drawn.defaultedBy(request.parameters()))
                  .build());
      String text = response.aiMessage().text();
      assertEquals(FinishReason.STOP, response.finishReason(), text);
      var wrong =
          JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
              .getSchema(asJson)
              .validate(Json.parse(text, "the answer"));
      assertTrue(wrong.isEmpty(), text + ": " + wrong);
    }
  }

  @Test
  void anAnswerIsWhatItsSchemaAllows() {
    assertHeldTo(
        JsonObjectSchema.builder()
            .description("a ticket")
            .addEnumProperty("urgency", List.of("low", "high"))
            .addBooleanProperty("paid", "or not")
            .addProperty("age", JsonRawSchema.from("{\"type\":\"integer\",\"maximum\":99}"))
            .required("urgency", "paid", "age")
            .additionalProperties(false)
            .build(),
        """
        {"type":"object","properties":{"urgency":{"enum":["low","high"]},"paid":{"type":"boolean"},
         "age":{"type":"integer","maximum":99}},
         "required":["urgency","paid","age"],"additionalProperties":false}
        """);
  }

  @Test
  void aSchemaMayNeedNoObjectAndMayReferToItself() {
    assertHeldTo(
        JsonEnumSchema.builder().enumValues("Ulm", "Rom").build(), "{\"enum\":[\"Ulm\",\"Rom\"]}");
    JsonObjectSchema pair =
        JsonObjectSchema.builder()
            .addProperty("first", JsonReferenceSchema.builder().reference("city").build())
            .addProperty("second", JsonReferenceSchema.builder().reference("city").build())
            .required("first", "second")
            .definitions(Map.of("city", JsonEnumSchema.builder().enumValues("Ulm", "Rom").build()))
            .build();
    assertHeldTo(
        pair,
        """
        {"type":"object","properties":{"first":{"enum":["Ulm","Rom"]},
         "second":{"enum":["Ulm","Rom"]}},"required":["first","second"]}
        """);
  }

  @Test
  void jsonWithoutASchemaIsAnObject() {
    ChatRequest request =
        ChatRequest.builder()
            .messages(UserMessage.from("say bo"))
            .responseFormat(ResponseFormat.JSON)
            .build();
    assertTrue(model.chat(request).aiMessage().text().stripLeading().startsWith("{"));
    ChatRequest text = request.toBuilder().responseFormat(ResponseFormat.TEXT).build();
    assertEquals(model.chat("say bo"), model.chat(text).aiMessage().text());
  }

  @Test
  void whatCannotBeHeldToIsRefused() {
    JsonArraySchema any =
        JsonArraySchema.builder().items(JsonRawSchema.from("{\"not\":{}}")).build();
    InvalidRequestException e =
        assertThrows(InvalidRequestException.class, () -> model.chat(request(any)));
    assertTrue(e.getMessage().contains("not"), e.getMessage());
  }

  @Test
  void jsonAndToolsDoNotGoTogetherUnlessNoneMayBeCalled() {
    JsonSchemaElement schema = JsonEnumSchema.builder().enumValues("Ulm").build();
    ChatRequest both = request(schema).toBuilder().toolSpecifications(TinyChat.weather()).build();
    UnsupportedFeatureException e =
        assertThrows(UnsupportedFeatureException.class, () -> model.chat(both));
    assertTrue(
        e.getMessage().contains("responseFormat") && e.getMessage().contains("toolSpecifications"),
        e.getMessage());
    ChatRequest none = both.toBuilder().toolChoice(ToolChoice.NONE).build();
    assertEquals("\"Ulm\"", model.chat(none).aiMessage().text().strip());
  }

  /** Of a kind that this version of LangChain4j has not. */
  private record NewSchema() implements JsonSchemaElement {
    @Override
    public String description() {
      return null;
    }
  }

  @Test
  void aKindOfSchemaThatIsNotKnownIsRefused() {
    UnsupportedFeatureException e =
        assertThrows(UnsupportedFeatureException.class, () -> model.chat(request(new NewSchema())));
    assertTrue(e.getMessage().contains("NewSchema"), e.getMessage());
  }
}
