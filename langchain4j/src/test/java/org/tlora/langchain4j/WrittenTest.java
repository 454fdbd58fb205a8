/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.AudioContent;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.CustomMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import dev.langchain4j.model.chat.request.json.JsonAnyOfSchema;
import dev.langchain4j.model.chat.request.json.JsonArraySchema;
import dev.langchain4j.model.chat.request.json.JsonBooleanSchema;
import dev.langchain4j.model.chat.request.json.JsonEnumSchema;
import dev.langchain4j.model.chat.request.json.JsonIntegerSchema;
import dev.langchain4j.model.chat.request.json.JsonNullSchema;
import dev.langchain4j.model.chat.request.json.JsonNumberSchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonReferenceSchema;
import dev.langchain4j.model.chat.request.json.JsonStringSchema;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tlora.format.Json;

/** What the library is given: messages, tools and schemas as JSON. */
class WrittenTest {
  private static void assertSame(String expected, String written) {
    assertEquals(Json.parse(expected, "expected"), Json.parse(written, "written"));
  }

  private static void assertRefused(ChatMessage message, String named) {
    UnsupportedFeatureException e =
        assertThrows(UnsupportedFeatureException.class, () -> Messages.json(List.of(message)));
    assertTrue(e.getMessage().contains(named), e.getMessage());
  }

  @Test
  void messagesAreThoseOfOpenAi() {
    ToolExecutionRequest call =
        ToolExecutionRequest.builder().id("c1").name("weather").arguments("{\"a\":1}").build();
    assertSame(
        """
        [{"role":"system","content":"be brief"},
         {"role":"user","name":"Ann","content":"say \\"bo\\"\\n\\u0001ä"},
         {"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},
         {"role":"assistant","content":"bo","reasoning_content":"hm"},
         {"role":"assistant","content":"","tool_calls":[{"id":"c1","type":"function",
           "function":{"name":"weather","arguments":"{\\"a\\":1}"}}]},
         {"role":"assistant","content":"","tool_calls":[{"type":"function",
           "function":{"name":"now","arguments":"{}"}}]},
         {"role":"tool","tool_call_id":"c1","name":"weather","content":"rain"}]
        """,
        Messages.json(
            List.of(
                SystemMessage.from("be brief"),
                UserMessage.from("Ann", "say \"bo\"\n\u0001ä"),
                UserMessage.from(TextContent.from("a"), TextContent.from("b")),
                AiMessage.builder().text("bo").thinking("hm").build(),
                AiMessage.from(call),
                AiMessage.from(ToolExecutionRequest.builder().name("now").build()),
                ToolExecutionResultMessage.from(call, "rain"))));
  }

  @Test
  void whatIsNoTextIsRefusedByItsName() {
    assertRefused(UserMessage.from(ImageContent.from("http://example.org/a.png")), "image");
    assertRefused(UserMessage.from(TextContent.from("a"), AudioContent.from("http://a")), "audio");
    assertRefused(
        ToolExecutionResultMessage.builder()
            .id("c1")
            .toolName("camera")
            .contents(ImageContent.from("http://example.org/a.png"))
            .build(),
        "a tool's result has content of type image");
    assertRefused(CustomMessage.from(Map.of("a", 1)), "CUSTOM");
  }

  @Test
  void schemasAreWhatLangChain4jWritesItself() {
    JsonObjectSchema all =
        JsonObjectSchema.builder()
            .description("all kinds")
            .addProperty("text", JsonStringSchema.builder().description("any").build())
            .addProperty("whole", new JsonIntegerSchema())
            .addProperty("number", new JsonNumberSchema())
            .addProperty("truth", new JsonBooleanSchema())
            .addProperty("choice", JsonEnumSchema.builder().enumValues("a", "b").build())
            .addProperty("list", JsonArraySchema.builder().items(new JsonStringSchema()).build())
            .addProperty(
                "either",
                JsonAnyOfSchema.builder()
                    .anyOf(new JsonStringSchema(), new JsonNullSchema())
                    .build())
            .addProperty("again", JsonReferenceSchema.builder().reference("self").build())
            .required("text", "again")
            .definitions(
                Map.of(
                    "self",
                    JsonObjectSchema.builder().addStringProperty("a").required("a").build()))
            .build();
    assertEquals(
        Json.object(JsonSchemaElementUtils.toMap(all)),
        Json.parse(Schemas.json(all), "the schema"));
  }

  @Test
  void toolsAreThoseOfOpenAi() {
    assertSame(
        """
        [{"type":"function","function":{"name":"weather","description":"of a city","parameters":
           {"type":"object","properties":{"city":{"type":"string","enum":["Ulm","Rom"]}},
            "required":["city"]}}},
         {"type":"function","function":{"name":"now","parameters":
           {"type":"object","properties":{},"additionalProperties":false}}}]
        """,
        Schemas.json(List.of(TinyChat.weather(), ToolSpecification.builder().name("now").build())));
  }

  @Test
  void jsonHasWhatJavaHasAndNothingElse() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("a", null);
    map.put("b", List.of(1, 2.5, true, "x", Map.of()));
    assertEquals("{\"a\":null,\"b\":[1,2.5,true,\"x\",{}]}", JsonText.of(map));
    assertThrows(IllegalArgumentException.class, () -> JsonText.of(Map.of("a", new Object())));
    assertThrows(IllegalArgumentException.class, () -> JsonText.of(List.of(Double.NaN)));
  }

  @Test
  void aModelIsCalledWhatItsFileOrItsIdOnTheHubIs() {
    assertEquals("tiny.gguf", ModelNames.of(Path.of("models/tiny.gguf")));
    assertEquals(
        "Qwen/Qwen3-0.6B",
        ModelNames.of(Path.of("hub/models--Qwen--Qwen3-0.6B/snapshots/0123456789abcdef")));
    assertEquals("x", ModelNames.of(Path.of("hub/snapshots/x")));
  }

  @Test
  void parametersAddUp() {
    TloraChatRequestParameters defaults =
        TloraChatRequestParameters.builder()
            .temperature(1.0)
            .seed(1L)
            .minP(0.1)
            .templateVariables(Map.of("enable_thinking", false))
            .build();
    TloraChatRequestParameters own =
        TloraChatRequestParameters.builder()
            .seed(2L)
            .repetitionPenalty(1.1)
            .parallelToolCalls(false)
            .logitBias(Map.of(3, 1.0))
            .build();
    TloraChatRequestParameters both =
        TloraChatRequestParameters.builder()
            .temperature(1.0)
            .seed(2L)
            .minP(0.1)
            .repetitionPenalty(1.1)
            .templateVariables(Map.of("enable_thinking", false))
            .parallelToolCalls(false)
            .logitBias(Map.of(3, 1.0))
            .build();
    assertEquals(both, defaults.overrideWith(own));
    assertEquals(both, own.defaultedBy(defaults));
    assertEquals(both.hashCode(), defaults.overrideWith(own).hashCode());
    assertTrue(both.toString().contains("seed=2"), both.toString());
  }
}
