package org.tlora.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlora.fault.InputFault;
import org.tlora.golden.Shared;
import org.tlora.model.family.PretrainedModel;
import org.tlora.text.ChatTemplate;
import org.tlora.text.ChatTemplates;
import org.tlora.text.Message;
import org.tlora.text.Tokenizer;

/** What of a conversation is learned, with the tokenizer of a real model. */
class ConversationEncoderTest {
  private static final List<Message> TALK =
      List.of(
          new Message("user", "Hello, who are you?"),
          new Message("assistant", "I am a model."),
          new Message("user", "Say five."),
          new Message("assistant", "Five, yes."));

  private static final Example.Conversation CONVERSATION =
      new Example.Conversation(TALK, "talk.jsonl, row 1");

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
      LearnedTokens e = model.conversationEncoder().orElseThrow().encode(CONVERSATION);
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

  /** Templates of other families write the same turns; their special tokens are plain text here. */
  @ParameterizedTest
  @MethodSource("org.tlora.text.ChatTemplates#names")
  void everyTemplateLearnsTheAnswersAndEndsInAnEos(String name) {
    try (PretrainedModel model = smolLm()) {
      Tokenizer tokenizer = model.tokenizer();
      ChatTemplate template =
          new ChatTemplate(
              ChatTemplates.source(name),
              Map.of("bos_token", "<|im_start|>", "eos_token", "<|im_end|>"));
      int eos = tokenizer.idOf("<|im_end|>");
      ConversationEncoder encoder = new ConversationEncoder(tokenizer, template, Set.of(eos), eos);
      LearnedTokens e = encoder.encode(CONVERSATION);
      List<Integer> learned = new ArrayList<>();
      for (int i = 0; i < e.ids().length; i++) {
        if (e.labels()[i] != Encoded.IGNORED) {
          assertEquals(e.ids()[i], e.labels()[i]);
          learned.add(e.ids()[i]);
        }
      }
      int[] ids = learned.stream().mapToInt(Integer::intValue).toArray();
      String text = tokenizer.decode(ids);
      assertTrue(text.contains("I am a model."), name + ": " + text);
      assertTrue(text.contains("Five, yes."), name + ": " + text);
      assertFalse(text.contains("who are you"), name + ": " + text);
      assertFalse(text.contains("Say five"), name + ": " + text);
      assertEquals(eos, ids[ids.length - 1], name + " ends in eos");
      int[] alone = tokenizer.encode(template.render(TALK, false), false);
      assertArrayEquals(
          alone, Arrays.copyOf(e.ids(), alone.length), name + ": no special token is added");
    }
  }

  /** The mask of a conversation that a template writes. */
  private static String masked(String source, List<Message> talk) {
    try (PretrainedModel model = smolLm()) {
      Tokenizer tokenizer = model.tokenizer();
      int eos = tokenizer.idOf("<|im_end|>");
      ChatTemplate template = new ChatTemplate(source, Map.of("eos_token", "<|im_end|>"));
      ConversationEncoder encoder = new ConversationEncoder(tokenizer, template, Set.of(eos), eos);
      return mask(tokenizer, encoder.encode(new Example.Conversation(talk, "row 1")));
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
    List<Message> talk = new ArrayList<>(List.of(new Message("system", "Be brief.")));
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
            new Message("user", "a"),
            new Message("assistant", "<think>\nhm\n</think>\n\na"),
            new Message("user", "b"),
            new Message("assistant", "b"));
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
          new ConversationEncoder(
              tokenizer,
              new ChatTemplate(ChatTemplates.source("qwen3"), Map.of()),
              Set.of(eos),
              eos);
      List<Message> talk = new ArrayList<>(TALK);
      talk.set(3, new Message("assistant", "<think>\nhm\n</think>\n\nFive."));
      String mask = mask(tokenizer, encoder.encode(new Example.Conversation(talk, "row")));
      assertTrue(mask.contains("assistant\n[I am a model.<|im_end|>]\n"), mask);
      assertTrue(mask.endsWith("assistant\n[<think>\nhm\n</think>\n\nFive.<|im_end|>]\n"), mask);
    }
  }

  @Test
  void refusalsNameTheRow() {
    try (PretrainedModel model = smolLm()) {
      Tokenizer tokenizer = model.tokenizer();
      ConversationEncoder encoder =
          new ConversationEncoder(
              tokenizer, new ChatTemplate(ChatTemplates.source("gemma"), Map.of()), Set.of(2), 2);
      List<Message> system = new ArrayList<>(TALK);
      system.add(0, new Message("system", "no"));
      InputFault fault =
          assertThrows(
              InputFault.class,
              () -> encoder.encode(new Example.Conversation(system, "talk.jsonl, row 7")));
      assertTrue(fault.getMessage().contains("talk.jsonl, row 7"), fault.getMessage());
      assertTrue(fault.getMessage().contains("System role not supported"), fault.getMessage());
    }
  }
}
