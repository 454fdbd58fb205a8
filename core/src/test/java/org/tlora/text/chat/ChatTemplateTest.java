/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.testing.TakesLong;

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

  private static String said(ChatTemplate template, List<Message> messages, boolean prompt) {
    return template.render(Conversation.of(messages), prompt).text();
  }

  /** What a template makes of a conversation of one word. */
  private static String of(String source) {
    return said(new ChatTemplate(source, TOKENS), List.of(Message.of("user", "x")), false);
  }

  private static String refusalOf(String source) {
    return assertThrows(InputFault.class, () -> of(source), source).getMessage();
  }

  @ParameterizedTest
  @MethodSource("templates")
  void conversationsAreWrittenAsTransformersWritesThem(JsonNode golden) {
    String name = golden.path("name").asText();
    ChatTemplate template = new ChatTemplate(golden.path("template").asText(), TOKENS);
    for (JsonNode c : golden.path("rendered")) {
      List<Message> messages = new ArrayList<>();
      for (JsonNode m : c.path("messages")) {
        messages.add(Message.of(m.path("role").asText(), m.path("content").asText()));
      }
      boolean prompt = c.path("prompt").asBoolean();
      if (c.has("refused")) {
        InputFault fault =
            assertThrows(InputFault.class, () -> said(template, messages, prompt), name);
        assertTrue(fault.getMessage().contains(c.path("refused").asText()), fault.getMessage());
      } else {
        assertEquals(c.path("text").asText(), said(template, messages, prompt), name);
      }
    }
  }

  @Test
  void aTemplateReachesNothingOfJavaOrOfFiles() {
    for (String hostile :
        List.of(
            "{{ messages.getClass().getName() }}",
            "{{ 'x'.getClass().forName('java.lang.Runtime') }}",
            "{% include '/etc/passwd' %}",
            "{% import '/etc/passwd' as p %}",
            "{% extends '/etc/passwd' %}",
            "{{ messages[0].getClass() }}",
            "{{ ''.__class__.mro() }}",
            "{{ messages.append(1) }}",
            "{{ messages[0].update({'role': 'x'}) }}")) {
      refusalOf(hostile);
    }
    assertEquals("", of("{{ ''.__class__ }}{{ ''.class.classLoader if ''.class }}"));
  }

  @Test
  void whatIsUndefinedIsNamedWithItsPlace() {
    assertTrue(refusalOf("a\n{{ 'b' + nothing }}").contains("line 2, column 4: 'nothing' is und"));
    assertTrue(refusalOf("{{ messages[0].name + '' }}").contains("has no attribute 'name'"));
    assertTrue(refusalOf("{{ a.b }}").contains("'a' is undefined"));
    assertEquals("|", of("{{ nothing }}|{{ messages[0].name }}"));
  }

  @Test
  void whatThereIsNotIsRefusedBeforeAnythingIsRendered() {
    assertTrue(refusalOf("{% for m in [] %}{{ m | shout }}{% endfor %}").contains("'shout'"));
    assertTrue(refusalOf("{{ 1 is big }}").contains("no test is named 'big'"));
    assertTrue(refusalOf("{% do 1 %}").contains("unknown tag 'do'"));
    assertTrue(refusalOf("{% break %}").contains("no loop"));
    assertTrue(refusalOf("{{ 'a' | pprint }}").contains("'pprint' is not supported"));
    assertEquals("x", of("{% if false %}{{ 1 | shout }}{% endif %}x"), "in a branch not taken");
  }

  @Test
  void attributesAreSetOnNamespacesAlone() {
    for (String template :
        List.of(
            "{% set x = 1 %}{% set x.a = 2 %}",
            "{% set x = 1 %}{% set x.a %}b{% endset %}",
            "{% set x = none %}{% set x.a %}b{% endset %}",
            "{% set ns = namespace() %}{% set ns, ns.a = 1, 2 %}")) {
      assertTrue(refusalOf(template).contains("is no namespace"), template);
    }
  }

  @Test
  void theTemplatesOwnObjectionIsTheMessage() {
    assertTrue(
        refusalOf("{{ raise_exception('No system, please') }}").contains("No system, please"));
  }

  @TakesLong
  @Test
  void costIsBoundedAndSaid() {
    String nested =
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}";
    assertTrue(refusalOf(nested).contains("steps"));
    String doubling =
        "{% set ns = namespace(s='xx') %}{% for i in range(40) %}"
            + "{% set ns.s = ns.s + ns.s %}{% endfor %}";
    assertTrue(refusalOf(doubling).contains("more than"));
    assertTrue(refusalOf("{{ 'x' * 999999999 }}").contains("letters"));
    assertTrue(refusalOf("{{ 9 ** 99999999 }}").contains("bits"));
    assertTrue(refusalOf("{{ [0] * 99999999 }}").contains("items"));
    assertTrue(refusalOf("{{ range(999999) }}").contains("range"));
    assertTrue(refusalOf("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}").contains("deep"));
    assertTrue(refusalOf("{% if " + "not ".repeat(20_000) + "x %}{% endif %}").contains("deep"));
    assertTrue(refusalOf("{{ " + "(".repeat(20_000) + "1").contains("deep"));
    assertTrue(refusalOf("{{ 1" + " + 1".repeat(200_000) + " }}").contains("deep"));
  }

  @Test
  void whatTheTemplateMarksIsKnown() {
    String source =
        "{% for m in messages %}[{% if m.role == 'assistant' %}"
            + "{% generation %}{{ m.content }}!{% endgeneration %}{% else %}{{ m.content }}{% endif %}]"
            + "{% endfor %}";
    Conversation said =
        Conversation.of(List.of(Message.of("user", "q"), Message.of("assistant", "a")));
    Rendered r = new ChatTemplate(source, TOKENS).render(said, false);
    assertEquals("[q][a!]", r.text());
    assertEquals(List.of(new Rendered.Span(4, 6)), r.generated());
    assertEquals(List.of(new Rendered.Span(0, 3), new Rendered.Span(3, 7)), r.turns());
  }

  @Test
  void partsAreJoinedWhereATemplateDoesNotReadThem() {
    var fields = Json.object();
    var parts = fields.putArray("content");
    parts.addObject().put("type", "text").put("text", "one ");
    parts.addObject().put("type", "text").put("text", "two");
    List<Message> said = List.of(new Message("user", fields));
    String plain = "{% for m in messages %}<{{ m.content }}>{% endfor %}";
    assertEquals("<one two>", said(new ChatTemplate(plain, TOKENS), said, false));
    String reads =
        "{% for m in messages %}{% if m.content is string %}{{ m.content }}{% else %}"
            + "{% for p in m.content %}({{ p.text }}){% endfor %}{% endif %}{% endfor %}";
    assertEquals("(one )(two)", said(new ChatTemplate(reads, TOKENS), said, false));
  }

  @Test
  void aDamagedTemplateIsAFault() {
    assertTrue(
        refusalOf("{% for m in messages %}{{ m.content").contains("the chat template, line 1"));
    assertTrue(refusalOf("{% for m in messages %}").contains("endfor"));
    assertTrue(refusalOf("{{ 'x }}").contains("a text has no end"));
    assertTrue(refusalOf("{{ (1] }}").contains("unexpected ']'"));
  }

  @Test
  void datesAreWrittenByPythonsCodes() {
    LocalDateTime time = LocalDateTime.of(2026, 3, 9, 4, 5, 6);
    String source = "{{ strftime_now('%d %b %Y|%B %a %H:%M:%S|%-d %e|%j %U %p %q') }}";
    ChatTemplate template = new ChatTemplate(source, TOKENS, () -> time);
    assertEquals(
        "09 Mar 2026|March Mon 04:05:06|9  9|068 10 AM %q",
        said(template, List.of(Message.of("user", "x")), false));
  }
}
