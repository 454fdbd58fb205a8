/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlora.data.Encoded;
import org.tlora.data.LearnedTokens;
import org.tlora.data.format.Example;
import org.tlora.data.format.RowNotes;
import org.tlora.fault.InputFault;
import org.tlora.golden.Shared;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.text.Tokenizer;
import org.tlora.text.chat.ChatTemplate;
import org.tlora.text.chat.ChatTemplates;
import org.tlora.text.chat.Conversation;
import org.tlora.text.chat.Message;

/** What of a conversation is learned, with the tokenizer of a real model. */
class ConversationEncoderTest {
  private static final List<Message> TALK =
      List.of(
          Message.of("user", "Hello, who are you?"),
          Message.of("assistant", "I am a model."),
          Message.of("user", "Say five."),
          Message.of("assistant", "Five, yes."));

  private static final Example.Conversation CONVERSATION = of(TALK, "talk.jsonl, row 1");

  private static Example.Conversation of(List<Message> talk, String where) {
    return Example.Conversation.of(Conversation.of(talk), where);
  }

  private static RowNotes notes() {
    return new RowNotes(false);
  }

  private static ConversationEncoder encoder(
      Tokenizer tokenizer, String source, Map<String, String> specials, int eos) {
    ChatTemplate template = new ChatTemplate(source, specials);
    return new ConversationEncoder(tokenizer, template, template, Set.of(eos), () -> eos);
  }

  private static PretrainedModel smolLm() {
    return PretrainedModel.open(Shared.path("models/SmolLM2-135M-Instruct.Q4_1.gguf"));
  }

  /** The text with what is learned in brackets: the mask, to be read. */
  private static String mask(Tokenizer tokenizer, LearnedTokens e) {
    StringBuilder out = new StringBuilder();
    boolean inside = false;
    for (int i = 0; i < e.ids().length; i++) {
      boolean learned = e.labels()[i] != Encoded.IGNORED;
      if (learned != inside) {
        out.append(learned ? "[" : "]");
        inside = learned;
      }
      String token = tokenizer.tokenOf(e.ids()[i]);
      out.append(token.replace("Ġ", " ").replace("Ċ", "\n"));
    }
    return out.append(inside ? "]" : "").toString();
  }

  @Test
  void theAssistantsTurnsAndTheirEndsAreLearned() {
    try (PretrainedModel model = smolLm()) {
      LearnedTokens e = model.conversationEncoder().orElseThrow().encode(CONVERSATION, notes());
      assertEquals(
          "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging"
              + " Face<|im_end|>\n"
              + "<|im_start|>user\nHello, who are you?<|im_end|>\n"
              + "<|im_start|>assistant\n[I am a model.<|im_end|>]\n"
              + "<|im_start|>user\nSay five.<|im_end|>\n"
              + "<|im_start|>assistant\n[Five, yes.<|im_end|>]\n",
          mask(model.tokenizer(), e));
    }
  }

  /** What the templates of families end an answer with. */
  private static final List<String> ENDS =
      List.of("<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end|>");

  /** Templates of other families write the same turns; their special tokens are plain text here. */
  @ParameterizedTest
  @MethodSource("org.tlora.text.chat.ChatTemplates#names")
  void everyTemplateLearnsTheAnswersAndTheirOwnEnds(String name) {
    try (PretrainedModel model = smolLm()) {
      Tokenizer tokenizer = model.tokenizer();
      ChatTemplate template =
          new ChatTemplate(
              ChatTemplates.source(name),
              Map.of("bos_token", "<|im_start|>", "eos_token", "<|im_end|>"));
      int eos = tokenizer.idOf("<|im_end|>");
      ConversationEncoder encoder =
          new ConversationEncoder(tokenizer, template, template, Set.of(eos), () -> eos);
      LearnedTokens e = encoder.encode(CONVERSATION, notes());
      List<Integer> learned = new ArrayList<>();
      for (int i = 0; i < e.ids().length; i++) {
        if (e.labels()[i] != Encoded.IGNORED) {
          assertEquals(e.ids()[i], e.labels()[i]);
          learned.add(e.ids()[i]);
        }
      }
      int[] ids = learned.stream().mapToInt(Integer::intValue).toArray();
      String text = tokenizer.decodeVisibly(ids);
      assertTrue(text.contains("I am a model."), name + ": " + text);
      assertTrue(text.contains("Five, yes."), name + ": " + text);
      assertFalse(text.contains("who are you"), name + ": " + text);
      assertFalse(text.contains("Say five"), name + ": " + text);
      assertTrue(ENDS.stream().anyMatch(text::endsWith), name + ": " + text);
      String whole = template.render(Conversation.of(TALK), false).text();
      assertArrayEquals(
          tokenizer.encode(whole, false), e.ids(), name + ": no special token is added");
    }
  }

  /** The mask of a conversation that a template writes. */
  private static String masked(String source, List<Message> talk) {
    try (PretrainedModel model = smolLm()) {
      Tokenizer tokenizer = model.tokenizer();
      int eos = tokenizer.idOf("<|im_end|>");
      ConversationEncoder encoder =
          encoder(tokenizer, source, Map.of("eos_token", "<|im_end|>"), eos);
      return mask(tokenizer, encoder.encode(of(talk, "row 1"), notes()));
    }
  }

  /** As Mistral's: a question is written otherwise while it is the last of a conversation. */
  @Test
  void aSystemsMessageInTheLastQuestionTeachesNoQuestion() {
    String source =
        "{% set rest = messages[1:] %}{% for m in rest %}{% if m.role == 'user' %}[INST]"
            + " {% if loop.last %}"
            + "{{ messages[0].content }}\n\n{% endif %}{{ m.content }}[/INST]"
            + "{% else %} {{ m.content }}{{ eos_token }}{% endif %}{% endfor %}";
    List<Message> talk = new ArrayList<>(List.of(Message.of("system", "Be brief.")));
    talk.addAll(TALK);
    assertEquals(
        "[INST] Hello, who are you?[/INST][ I am a model.<|im_end|>]"
            + "[INST] Say five.[/INST][ Five, yes.<|im_end|>]",
        masked(source, talk));
  }

  /** As Qwen 3's in the middle of a conversation, where the opening has more than the turn. */
  @Test
  void thoughtsThatATemplateLeavesOutAreNoReasonToRefuseARow() {
    String source =
        "{% for m in messages %}{{ m.role }}: {{ m.content.split('</think>')[-1].lstrip('\n') }}"
            + "{{ eos_token }}{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}";
    List<Message> talk =
        List.of(
            Message.of("user", "a"),
            Message.of("assistant", "<think>\nhm\n</think>\n\na"),
            Message.of("user", "b"),
            Message.of("assistant", "b"));
    assertEquals(
        "user: a<|im_end|>assistant:[ a<|im_end|>]user: b<|im_end|>assistant:[ b<|im_end|>]",
        masked(source, talk));
  }

  @Test
  void aTemplateThatDropsEarlierThoughtsLearnsWhatIsLeft() {
    try (PretrainedModel model = smolLm()) {
      Tokenizer tokenizer = model.tokenizer();
      int eos = tokenizer.idOf("<|im_end|>");
      ConversationEncoder encoder =
          encoder(tokenizer, ChatTemplates.source("qwen3"), Map.of(), eos);
      List<Message> talk = new ArrayList<>(TALK);
      talk.set(3, Message.of("assistant", "<think>\nhm\n</think>\n\nFive."));
      String mask = mask(tokenizer, encoder.encode(of(talk, "row"), notes()));
      assertTrue(mask.contains("assistant\n[I am a model.<|im_end|>]\n"), mask);
      assertTrue(mask.endsWith("assistant\n[<think>\nhm\n</think>\n\nFive.<|im_end|>]\n"), mask);
    }
  }

  @Test
  void refusalsNameTheRow() {
    try (PretrainedModel model = smolLm()) {
      Tokenizer tokenizer = model.tokenizer();
      ConversationEncoder encoder = encoder(tokenizer, ChatTemplates.source("gemma"), Map.of(), 2);
      List<Message> system = new ArrayList<>(TALK);
      system.add(0, Message.of("system", "no"));
      InputFault fault =
          assertThrows(
              InputFault.class, () -> encoder.encode(of(system, "talk.jsonl, row 7"), notes()));
      assertTrue(fault.getMessage().contains("talk.jsonl, row 7"), fault.getMessage());
      assertTrue(fault.getMessage().contains("System role not supported"), fault.getMessage());
    }
  }

  @Test
  void anAnswerThatTheTemplateDoesNotEndGetsAnEosIfItIsTheLast() {
    String source =
        "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
            + "{% if add_generation_prompt %}assistant: {% endif %}";
    assertEquals(
        "user: Hello, who are you?\nassistant:[ I am a model.]\nuser: Say five.\nassistant:[ Five,"
            + " yes.]\n[<|im_end|>]",
        masked(source, TALK));
    List<Message> asked = TALK.subList(0, 3);
    assertEquals(
        "user: Hello, who are you?\nassistant:[ I am a model.]\nuser: Say five.\n",
        masked(source, asked),
        "none behind a question");
  }

  @Test
  void anEchoOfTheQuestionIsNotTakenForTheAnswer() {
    String source =
        "{% set ns = namespace(t='') %}{% for m in messages %}{% set ns.t = ns.t + m.role + ': ' +"
            + " m.content + eos_token %}{% endfor %}{{ ns.t }}"
            + "{% if add_generation_prompt %}assistant: {% endif %}";
    List<Message> talk = List.of(Message.of("user", "five five"), Message.of("assistant", "five"));
    assertEquals("user: five five<|im_end|>assistant:[ five<|im_end|>]", masked(source, talk));
  }

  @Test
  void thoughtsAreKeptOrTakenOutWhereThatIsAskedFor() {
    String source =
        "{% for m in messages %}<|im_start|>{{ m.role }}\n"
            + "{{ m.content.split('</think>')[-1].lstrip('\n') }}<|im_end|>\n{% endfor %}"
            + "{% if add_generation_prompt %}<|im_start|>assistant\n<think>\n{% endif %}";
    List<Message> talk =
        List.of(Message.of("user", "a"), Message.of("assistant", "<think>\nhm\n</think>\n\nb"));
    try (PretrainedModel model = smolLm()) {
      Tokenizer tokenizer = model.tokenizer();
      int eos = tokenizer.idOf("<|im_end|>");
      ConversationEncoder encoder = encoder(tokenizer, source, Map.of(), eos);
      RowNotes notes = notes();
      String begin = "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n";
      assertEquals(
          begin + "[b<|im_end|>]\n", mask(tokenizer, encoder.encode(of(talk, "row 1"), notes)));
      assertTrue(notes.lines().get(0).contains("thoughts"), notes.lines().toString());
      ConversationEncoder keeps = encoder.learning(LearnOptions.named("all", "keep"));
      assertEquals(
          begin + "[<think>\nhm\n</think>\n\nb<|im_end|>]\n",
          mask(tokenizer, keeps.encode(of(talk, "row 1"), notes())));
      ConversationEncoder strips = model.conversationEncoder().orElseThrow();
      strips = strips.learning(LearnOptions.named("all", "strip"));
      String mask = mask(tokenizer, strips.encode(of(talk, "row 1"), notes()));
      assertTrue(mask.endsWith("assistant\n[b<|im_end|>]\n"), mask);
    }
  }

  @Test
  void whatTheTemplateNeverReadsIsNamed() {
    try (PretrainedModel model = smolLm()) {
      var fields = com.fasterxml.jackson.databind.node.JsonNodeFactory.instance.objectNode();
      fields.put("content", "hello").put("mood", "glad");
      List<Message> talk = List.of(new Message("user", fields), Message.of("assistant", "b"));
      var tools = fields.arrayNode().add(fields.objectNode().put("name", "f"));
      Conversation said = new Conversation(talk, tools, fields.objectNode().put("style", "short"));
      RowNotes notes = notes();
      model
          .conversationEncoder()
          .orElseThrow()
          .encode(Example.Conversation.of(said, "t.jsonl, row 4"), notes);
      String all = String.join("\n", notes.lines());
      assertTrue(all.contains("'tools' is not used: 1 time, t.jsonl, row 4"), all);
      assertTrue(all.contains("'mood' of turns"), all);
      assertTrue(all.contains("'style' for the chat template"), all);
      RowNotes strict = new RowNotes(true);
      ConversationEncoder encoder = model.conversationEncoder().orElseThrow();
      InputFault fault =
          assertThrows(
              InputFault.class,
              () -> encoder.encode(Example.Conversation.of(said, "t.jsonl, row 4"), strict));
      assertTrue(fault.getMessage().contains("t.jsonl, row 4: field 'tools'"), fault.getMessage());
    }
  }

  @Test
  void theOpeningOfAnAnswerIsNotLearnedWhereTheTemplateDoesNotAskForOne() {
    String source =
        "{% for m in messages %}{{ m.role }}: {{ m.content }}{{ eos_token }}{% endfor %}";
    String expected =
        "user: Hello, who are you?<|im_end|>assistant:[ I am a model.<|im_end|>]"
            + "user: Say five.<|im_end|>assistant:[ Five, yes.<|im_end|>]";
    assertEquals(expected, masked(source, TALK));
    String byNumber =
        source.replace(
            "{% for m in messages %}",
            "{% for i in range(messages | length) %}{% set m = messages[i] %}");
    assertEquals(expected, masked(byNumber, TALK));
    String needsAQuestion =
        "{% if messages | selectattr('role', 'eq', 'user') | list | length == 0 %}"
            + "{{ raise_exception('no question') }}{% endif %}"
            + source
            + "{% if add_generation_prompt %}assistant: {% endif %}";
    List<Message> greeted = new ArrayList<>(List.of(Message.of("assistant", "Hi")));
    greeted.addAll(TALK);
    assertEquals("assistant:[ Hi<|im_end|>]" + expected, masked(needsAQuestion, greeted));
  }

  @Test
  void whatTheTemplateMarksIsLearnedAndNothingIsAdded() {
    String source =
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{% if m.role == 'assistant' %}"
            + "{% generation %}{{ m.content }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}"
            + "<|im_end|>\n{% endfor %}";
    assertEquals(
        "<|im_start|>user\nSay five.<|im_end|>\n<|im_start|>assistant\n[Five, yes.]<|im_end|>\n",
        masked(source, TALK.subList(2, 4)));
  }

  @Test
  void aCallThatTheTemplateLeavesOutIsNamed() {
    String source =
        "{% for m in messages %}{{ m.role }}: {% if m.tool_calls %}{{ m.tool_calls[0].name }}"
            + "{% else %}{{ m.content }}{% endif %}{{ eos_token }}{% endfor %}";
    var turn = com.fasterxml.jackson.databind.node.JsonNodeFactory.instance.objectNode();
    turn.putNull("content");
    var calls = turn.putArray("tool_calls");
    calls.addObject().put("name", "first");
    calls.addObject().put("name", "second");
    List<Message> talk = List.of(Message.of("user", "a"), new Message("assistant", turn));
    try (PretrainedModel model = smolLm()) {
      Tokenizer tokenizer = model.tokenizer();
      int eos = tokenizer.idOf("<|im_end|>");
      RowNotes notes = notes();
      ConversationEncoder encoder =
          encoder(tokenizer, source, Map.of("eos_token", "<|im_end|>"), eos);
      String mask = mask(tokenizer, encoder.encode(of(talk, "row 1"), notes));
      assertTrue(mask.contains("first"), mask);
      assertTrue(notes.lines().toString().contains("a call of 'second'"), notes.lines().toString());
    }
  }
}
