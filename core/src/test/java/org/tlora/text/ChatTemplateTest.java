package org.tlora.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;

/** The texts are what transformers gives on the same templates (interop/chat_golden.py). */
class ChatTemplateTest {
  private static final Map<String, String> TOKENS = Map.of("bos_token", "<s>", "eos_token", "</s>");

  static List<JsonNode> templates() throws IOException {
    try (InputStream in = ChatTemplateTest.class.getResourceAsStream("/chat/golden.json")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      List<JsonNode> all = new ArrayList<>();
      Json.parse(text, "golden.json").forEach(all::add);
      return all;
    }
  }

  @ParameterizedTest
  @MethodSource("templates")
  void conversationsAreWrittenAsTransformersWritesThem(JsonNode golden) {
    String name = golden.path("name").asText();
    ChatTemplate template = new ChatTemplate(golden.path("template").asText(), TOKENS);
    for (JsonNode c : golden.path("rendered")) {
      List<Message> messages = new ArrayList<>();
      for (JsonNode m : c.path("messages")) {
        messages.add(new Message(m.path("role").asText(), m.path("content").asText()));
      }
      boolean prompt = c.path("prompt").asBoolean();
      if (c.has("refused")) {
        InputFault fault =
            assertThrows(InputFault.class, () -> template.render(messages, prompt), name);
        assertTrue(fault.getMessage().contains(c.path("refused").asText()), fault.getMessage());
      } else {
        assertEquals(c.path("text").asText(), template.render(messages, prompt), name);
      }
    }
  }

  @Test
  void aTemplateReachesNothingOfJava() {
    for (String hostile :
        List.of(
            "{{ messages.getClass().getName() }}",
            "{{ 'x'.getClass().forName('java.lang.Runtime') }}",
            "{{ ''.class.classLoader }}",
            "{% include '/etc/passwd' %}",
            "{% import '/etc/passwd' as p %}",
            "{{ messages[0].getClass() }}")) {
      String text;
      try {
        text =
            new ChatTemplate(hostile, TOKENS).render(List.of(new Message("user", "hello")), false);
      } catch (InputFault e) {
        continue;
      }
      assertTrue(!text.contains("java") && !text.contains("root:"), hostile + " gave " + text);
    }
  }

  @Test
  void whatTheEngineWouldPassOverInSilenceIsRefused() {
    String loop = "{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}";
    List<Message> hello = List.of(new Message("user", "x"));
    ChatTemplate filtering = new ChatTemplate(loop, TOKENS);
    InputFault fault = assertThrows(InputFault.class, () -> filtering.render(hello, false));
    assertTrue(fault.getMessage().contains("filters a loop"), fault.getMessage());
    // what does not run is no reason to refuse a model
    String never = "{% if tools is defined %}" + loop + "{% endif %}{{ messages[0].content }}";
    assertEquals("x", new ChatTemplate(never, TOKENS).render(hello, false));
  }

  @Test
  void aTemplateThatIsHardToReadIsAFaultToo() {
    List<Message> hello = List.of(new Message("user", "x"));
    String hostile = "{% if " + "not ".repeat(20_000) + "x %}{% endif %}";
    ChatTemplate template = new ChatTemplate(hostile, TOKENS, Duration.ofSeconds(1));
    assertThrows(InputFault.class, () -> template.render(hello, false));
  }

  @Test
  void aFilterWithAPercentSignIsNotPassedOver() {
    String loop = "{% for m in messages if m.content|length % 2 == 0 %}{{ m.content }}{% endfor %}";
    List<Message> hello = List.of(new Message("user", "x"));
    ChatTemplate filtering = new ChatTemplate(loop, TOKENS);
    assertThrows(InputFault.class, () -> filtering.render(hello, false));
  }

  @Test
  void aDamagedTemplateIsAFault() {
    ChatTemplate damaged = new ChatTemplate("{% for m in messages %}{{ m.content", TOKENS);
    assertThrows(InputFault.class, () -> damaged.render(List.of(new Message("user", "x")), false));
  }

  @Test
  void datesAreWrittenByPythonsCodes() {
    LocalDateTime time = LocalDateTime.of(2026, 3, 9, 4, 5, 6);
    assertEquals("09 Mar 2026", ChatTemplate.formatted(time, "%d %b %Y"));
    assertEquals("March Mon 04:05:06 %q", ChatTemplate.formatted(time, "%B %a %H:%M:%S %q"));
  }
}
