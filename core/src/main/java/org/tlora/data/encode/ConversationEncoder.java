/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.tlora.data.Encoded;
import org.tlora.data.LearnedTokens;
import org.tlora.data.format.Example;
import org.tlora.data.format.Fields;
import org.tlora.data.format.RowNotes;
import org.tlora.fault.InputFault;
import org.tlora.text.TokenSpans;
import org.tlora.text.Tokenizer;
import org.tlora.text.chat.ChatTemplate;
import org.tlora.text.chat.Conversation;
import org.tlora.text.chat.Message;
import org.tlora.text.chat.Rendered;

/**
 * Encodes conversations by a chat template, with a loss on what the assistant says and on what ends
 * each of its turns. No special token is added to those that the template writes, as transformers
 * does it: a second bos is impossible. Only where the last turn is the assistant's and the template
 * ends it with nothing, the eos is added.
 */
public final class ConversationEncoder {
  private final Tokenizer tokenizer;
  private final ChatTemplate template;
  private final ChatTemplate withTools;
  private final Set<Integer> ends;
  private final Supplier<Integer> eos;
  private final LearnOptions options;
  private Integer eosToken; // null: not asked for yet

  /**
   * An encoder.
   *
   * @param withTools the template for conversations with tools; often the same
   * @param ends tokens that end a text in generation
   * @param eos the one that is added where the template ends the last answer with nothing
   */
  public ConversationEncoder(
      Tokenizer tokenizer,
      ChatTemplate template,
      ChatTemplate withTools,
      Set<Integer> ends,
      Supplier<Integer> eos) {
    this(tokenizer, template, withTools, ends, eos, LearnOptions.DEFAULT);
  }

  private ConversationEncoder(
      Tokenizer tokenizer,
      ChatTemplate template,
      ChatTemplate withTools,
      Set<Integer> ends,
      Supplier<Integer> eos,
      LearnOptions options) {
    this.tokenizer = tokenizer;
    this.template = template;
    this.withTools = withTools;
    this.ends = Set.copyOf(ends);
    this.eos = eos;
    this.options = options;
  }

  /** The same, learning other parts. */
  public ConversationEncoder learning(LearnOptions others) {
    return new ConversationEncoder(tokenizer, template, withTools, ends, eos, others);
  }

  /** The template that a conversation is written by. */
  public ChatTemplate templateFor(Conversation conversation) {
    return conversation.tools() == null ? template : withTools;
  }

  /**
   * Ids and labels.
   *
   * @param notes are told of what the template leaves out
   * @throws InputFault if the template refuses the conversation or loses an answer
   */
  public LearnedTokens encode(Example.Conversation example, RowNotes notes) {
    try {
      return encoded(example, notes);
    } catch (InputFault e) {
      boolean located = e.getMessage().startsWith(example.where());
      throw located ? e : new InputFault(example.where() + ": " + e.getMessage(), e);
    }
  }

  private LearnedTokens encoded(Example.Conversation example, RowNotes notes) {
    Conversation said =
        options.thoughts() == LearnOptions.Thoughts.STRIP
            ? ThoughtParts.stripped(example.said())
            : example.said();
    ChatTemplate chosen = templateFor(said);
    said = withoutWrittenNull(chosen, said, example.where(), notes);
    AnswerSpans answers = AnswerSpans.of(chosen, said, example.where());
    if (options.thoughts() == LearnOptions.Thoughts.KEEP && !answers.withoutThoughts().isEmpty()) {
      answers = ThoughtParts.kept(chosen, said, answers, example.where());
    }
    noteLosses(chosen, said, answers, example, notes);
    String text = answers.text();
    List<Rendered.Span> learned = new ArrayList<>();
    int last = said.messages().size() - 1;
    while (last >= 0 && !said.messages().get(last).isOfAssistant()) {
      last--;
    }
    for (int i = 0; i < said.messages().size(); i++) {
      boolean wanted = options.answers() == LearnOptions.Answers.ALL || i == last;
      if (wanted && example.learned().get(i)) {
        learned.addAll(answers.of(i));
      }
    }
    TokenSpans tokens = tokenizer.encodeWithSpans(text);
    boolean ended = isEnded(said, answers, tokens);
    int[] ids = Arrays.copyOf(tokens.ids(), tokens.ids().length + (ended ? 0 : 1));
    int[] labels = new int[ids.length];
    Arrays.fill(labels, Encoded.IGNORED);
    for (int i = 0; i < tokens.ids().length; i++) {
      if (isWithin(learned, tokens.from()[i], tokens.to()[i])) {
        labels[i] = ids[i];
      }
    }
    if (!ended) {
      ids[ids.length - 1] = eosToken();
      boolean wanted = example.learned().get(last);
      labels[ids.length - 1] = wanted ? ids[ids.length - 1] : Encoded.IGNORED;
    }
    return new LearnedTokens(ids, labels);
  }

  /** Asked for once: a model reads its files for it. */
  private synchronized int eosToken() {
    if (eosToken == null) {
      eosToken = eos.get();
    }
    return eosToken;
  }

  /** Some templates write a content that is null as the word None, which nobody says. */
  private static Conversation withoutWrittenNull(
      ChatTemplate template, Conversation said, String where, RowNotes notes) {
    if (said.messages().stream().noneMatch(m -> m.fields().path("content").isNull())) {
      return said;
    }
    List<Message> turns = new ArrayList<>();
    for (Message m : said.messages()) {
      boolean isNull = m.fields().path("content").isNull();
      turns.add(isNull ? new Message(m.role(), m.fields().deepCopy().put("content", "")) : m);
    }
    Conversation empty = said.withMessages(turns);
    String none = "None";
    String given = template.render(said, false).text();
    if (!given.contains(none) || template.render(empty, false).text().contains(none)) {
      return said;
    }
    notes.add("a content that is null is taken for an empty one, not for the word None", where);
    return empty;
  }

  private static boolean isWithin(List<Rendered.Span> spans, int from, int to) {
    for (Rendered.Span s : spans) {
      boolean empty = from == to && from >= s.from() && from < s.to();
      if (empty || (from < s.to() && to > s.from())) {
        return true;
      }
    }
    return false;
  }

  /** Whether nothing has to be added: the text ends with no answer, or the answer has its end. */
  private boolean isEnded(Conversation said, AnswerSpans answers, TokenSpans tokens) {
    int last = said.messages().size() - 1;
    if (!said.messages().get(last).isOfAssistant() || answers.of(last).isEmpty()) {
      return true;
    }
    if (answers.isEnded(last)) {
      return true;
    }
    int n = tokens.ids().length;
    return n > 0 && ends.contains(tokens.ids()[n - 1]);
  }

  /** Names what of the conversation the template does not write. */
  private static void noteLosses(
      ChatTemplate template,
      Conversation said,
      AnswerSpans answers,
      Example.Conversation example,
      RowNotes notes) {
    String where = example.where();
    for (int turn : answers.withoutThoughts()) {
      if (example.learned().get(turn)) {
        notes.add(
            "the chat template leaves the thoughts of an answer out, so they are not learned"
                + " (`thoughts` keep learns them)",
            where + ", turn " + (turn + 1));
      }
    }
    for (int turn : answers.rewritten()) {
      notes.add(
          "the chat template rewrites an answer, which is learned as it writes it",
          where + ", turn " + (turn + 1));
    }
    boolean tools = said.tools() != null && !said.tools().isEmpty();
    if (tools && !template.mentions("tools")) {
      notes.unused("'tools'", where);
    }
    for (Map.Entry<String, JsonNode> e : said.variables().properties()) {
      if (!template.mentions(e.getKey())) {
        notes.unused("'" + e.getKey() + "' for the chat template", where);
      }
    }
    for (int i = 0; i < said.messages().size(); i++) {
      Message m = said.messages().get(i);
      String at = where + ", turn " + (i + 1);
      for (Map.Entry<String, JsonNode> e : m.fields().properties()) {
        if (!Fields.saysNothing(e.getValue()) && !isRead(answers, i, e.getKey())) {
          notes.unused("'" + e.getKey() + "' of turns", at);
        }
      }
      for (JsonNode call : m.fields().path("tool_calls")) {
        String name = call.path("function").path("name").asText(call.path("name").asText(""));
        if (m.isOfAssistant() && !answers.says(i, name)) {
          notes.add("the chat template leaves out a call of '" + name + "'", at);
        }
      }
      if (!m.isOfAssistant() && !answers.isWritten(m.content())) {
        notes.add("the chat template leaves out or rewrites what '" + m.role() + "' says", at);
      }
    }
  }

  private static boolean isRead(AnswerSpans answers, int turn, String field) {
    if (Message.THOUGHTS.contains(field)) { // each stands for the others, as transformers has it
      return Message.THOUGHTS.stream().anyMatch(f -> answers.isRead(turn, f));
    }
    return answers.isRead(turn, field);
  }

  /** The ids of a conversation that the assistant is to go on with. */
  public int[] prompt(Conversation conversation) {
    return tokenizer.encode(promptText(conversation), false);
  }

  /** The ids of turns that the assistant is to go on with. */
  public int[] prompt(List<Message> messages) {
    return prompt(Conversation.of(messages));
  }

  /** The text of a conversation that the assistant is to go on with. */
  public String promptText(Conversation conversation) {
    return templateFor(conversation).render(conversation, true).text();
  }

  /**
   * The token that the template ends an answer with, if it is a single one, or −1: generation stops
   * there, whatever else the model takes for an end.
   */
  public int turnEnd() {
    try {
      Conversation probe =
          Conversation.of(
              List.of(Message.of("user", "a"), Message.of(Message.ASSISTANT, "3f9a7c")));
      String text = template.render(probe, false).text();
      int at = text.lastIndexOf("3f9a7c");
      int[] behind = at < 0 ? new int[0] : tokenizer.encode(text.substring(at + 6).strip(), false);
      return behind.length > 0 && tokenizer.isSpecial(behind[0]) ? behind[0] : -1;
    } catch (InputFault e) {
      return -1; // a template that refuses so short a conversation
    }
  }
}
