/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.text.chat.Message;

/** Conversations in the forms that people's files have. */
class ConversationFormatTest {
  private final RowNotes notes = new RowNotes(false);

  private Example.Conversation read(String json) {
    ObjectNode fields = Json.parseObject(json.replace('\'', '"'), "row");
    Row row = new Row(Path.of("rows.jsonl"), 1, fields);
    ExampleFormat format = ExampleFormats.choose("auto", Fields.OWN, row);
    return (Example.Conversation) format.read(row, notes);
  }

  /** Roles with what they say; learned turns have a star. */
  private String turns(String json) {
    Example.Conversation c = read(json);
    List<String> turns = new ArrayList<>();
    for (int i = 0; i < c.learned().size(); i++) {
      Message m = c.said().messages().get(i);
      turns.add((c.learned().get(i) ? "*" : "") + m.role() + ":" + m.content());
    }
    return String.join(" ", turns);
  }

  private String refusal(String json) {
    String message = assertThrows(InputFault.class, () -> read(json), json).getMessage();
    assertTrue(message.startsWith("rows.jsonl, row 1"), message);
    return message;
  }

  @Test
  void rolesAndTheirOtherNames() {
    assertEquals(
        "user:a *assistant:b tool:c *assistant:d",
        turns(
            "{'conversations':[{'from':'Human','value':'a'},{'from':'function_call','value':'b'},"
                + "{'from':'observation','value':'c'},{'from':'gpt','value':'d'}]}"));
    assertEquals(
        "user:a *assistant:b",
        turns("{'conversation':[{'role':'USER','content':'a'},{'role':'Model','content':'b'}]}"));
  }

  @Test
  void systemsAndHistoriesBesideTheTurns() {
    String ab = "'messages':[{'role':'user','content':'a'},{'role':'assistant','content':'b'}]";
    assertEquals("system:s user:a *assistant:b", turns("{'system':'s'," + ab + "}"));
    assertEquals(
        "system:s user:q *assistant:r user:a *assistant:b",
        turns("{'system_prompt':'s','history':[['q','r']]," + ab + "}"));
    assertTrue(notes.lines().isEmpty(), notes.lines().toString());
    assertEquals("user:a *assistant:b", turns("{'system':'','history':[]," + ab + "}"));
    assertTrue(refusal("{'history':['q']," + ab + "}").contains("'history'"));
    turns("{'system':'s','system_prompt':'other'," + ab + "}");
    assertTrue(notes.lines().get(0).contains("'system_prompt' is not used"));
  }

  @Test
  void marksOfTurns() {
    String form =
        "{'messages':[{'role':'user','content':'a'},{'role':'assistant','content':'b',%s},"
            + "{'role':'assistant','content':'c'}]}";
    for (String mark : List.of("'weight':0", "'train':false", "'loss':false", "'train':'False'")) {
      assertEquals("user:a assistant:b *assistant:c", turns(String.format(form, mark)), mark);
    }
    for (String mark : List.of("'weight':1", "'train':true", "'weight':null")) {
      assertEquals("user:a *assistant:b *assistant:c", turns(String.format(form, mark)), mark);
    }
    assertTrue(refusal(String.format(form, "'weight':0.5")).contains("turn 2: field 'weight'"));
    turns(
        "{'messages':[{'role':'user','content':'a','train':true},{'role':'assistant','content':'b'}]}");
    assertTrue(notes.lines().get(0).contains("'train' marks a turn of 'user'"));
  }

  @Test
  void promptsAndCompletionsAsTurns() {
    assertEquals(
        "user:a assistant:b user:c *assistant:d",
        turns(
            "{'prompt':[{'role':'user','content':'a'},{'role':'assistant','content':'b'},"
                + "{'role':'user','content':'c'}],'completion':[{'role':'assistant','content':'d'}]}"));
    assertEquals(
        "user:a *assistant:d",
        turns("{'prompt':[{'role':'user','content':'a'}],'completion':'d'}"));
  }

  @Test
  void toolsAndCallsAlsoAsText() {
    Example.Conversation c =
        read(
            "{'messages':[{'role':'user','content':'a'},{'role':'assistant','content':null,"
                + "'tool_calls':[{'function':{'name':'f','arguments':{}}}]}],"
                + "'tools':'[{\\\"name\\\":\\\"f\\\"}]','chat_template_kwargs':{'enable_thinking':false}}");
    assertEquals("f", c.said().tools().path(0).path("name").asText());
    assertTrue(c.said().variables().has("enable_thinking"));
    assertTrue(c.said().messages().get(1).fields().path("tool_calls").isArray());
    assertTrue(c.learned().get(1));
    assertTrue(
        refusal("{'messages':[{'role':'assistant','content':'a'}],'tools':3}").contains("'tools'"));
  }

  @Test
  void whatIsNoTextIsRefusedByName() {
    String form = "{'messages':[{'role':'user','content':%s},{'role':'assistant','content':'b'}]}";
    assertEquals(
        "user:one two *assistant:b",
        turns(String.format(form, "[{'type':'text','text':'one '},{'type':'text','text':'two'}]")));
    assertTrue(
        refusal(String.format(form, "[{'type':'image_url','image_url':'x'}]"))
            .contains("'image_url'"));
    assertTrue(refusal(String.format(form, "[{'type':'input_audio'}]")).contains("'input_audio'"));
    assertTrue(
        refusal(String.format(form, "42")).contains("turn 1: field 'content' is not a text"));
    assertTrue(refusal(String.format(form, "null")).contains("is null"));
    assertTrue(
        refusal("{'messages':[{'role':'assistant','content':'a','reasoning':{}}]}")
            .contains("'reasoning'"));
    assertTrue(refusal("{'messages':[{'role':'user','content':'a'}]}").contains("no turn is"));
  }

  @Test
  void otherSpeakersAndFormsOfTwoUnions() {
    assertEquals(
        "user:a *assistant:b tool:c critic:d",
        turns(
            "{'messages':[{'role':'prompter','content':'a'},{'role':'tool_call','content':'b'},"
                + "{'role':'tool_response','content':'c'},{'role':'critic','content':'d'}]}"));
    assertTrue(notes.lines().get(0).contains("role 'critic' is not known"));
    assertEquals(
        "user:a *assistant:b",
        turns(
            "{'conversations':[{'from':'human','value':'a','role':null,'content':null},"
                + "{'from':'gpt','value':'b','role':null,'content':null}]}"));
    assertEquals(
        "system:s user:q *assistant:r user:a *assistant:b",
        turns(
            "{'history':[['q','r']],'messages':[{'role':'system','content':'s'},"
                + "{'role':'user','content':'a'},{'role':'assistant','content':'b'}]}"));
    String ab = "'messages':[{'role':'user','content':'a'},{'role':'assistant','content':'b'}]";
    assertTrue(refusal("{'chat_template_kwargs':{'tools':[]}," + ab + "}").contains("'tools'"));
    assertTrue(read("{'tools':[]," + ab + "}").said().tools().isEmpty());
  }
}
