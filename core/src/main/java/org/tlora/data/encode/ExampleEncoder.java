/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tlora.data.Encoded;
import org.tlora.data.LearnedTokens;
import org.tlora.data.format.Example;
import org.tlora.data.format.ExampleFormat;
import org.tlora.data.format.ExampleFormats;
import org.tlora.data.format.Fields;
import org.tlora.data.format.Row;
import org.tlora.data.format.RowNotes;
import org.tlora.fault.InputFault;
import org.tlora.text.PromptTemplate;
import org.tlora.text.Tokenizer;
import org.tlora.text.chat.Conversation;
import org.tlora.text.chat.Message;

/**
 * Encodes examples. Instructions go the way of the published scripts: prompt, response, newline,
 * eos; a loss on everything behind the prompt. Conversations go through the model's own chat
 * template. Everything is cut off from the end at a number of tokens.
 */
public final class ExampleEncoder implements RowEncoder {
  private final Tokenizer tokenizer;
  private final PromptTemplate template;
  private final ConversationEncoder conversations;
  private final int eos;
  private final int cutoffLength;

  /**
   * An encoder without conversations.
   *
   * @param eos the id that ends every response
   * @param cutoffLength the most tokens of a row
   */
  public ExampleEncoder(Tokenizer tokenizer, PromptTemplate template, int eos, int cutoffLength) {
    this(tokenizer, template, null, eos, cutoffLength);
  }

  /**
   * An encoder.
   *
   * @param template null: instructions are conversations of one turn each
   * @param conversations null: the model has no chat template
   * @param eos the id that ends every response
   * @param cutoffLength the most tokens of a row
   */
  public ExampleEncoder(
      Tokenizer tokenizer,
      PromptTemplate template,
      ConversationEncoder conversations,
      int eos,
      int cutoffLength) {
    this.tokenizer = tokenizer;
    this.template = template;
    this.conversations = conversations;
    this.eos = eos;
    this.cutoffLength = cutoffLength;
  }

  @Override
  public ExampleFormat format(String name, Fields fields, Row first) {
    return ExampleFormats.choose(name, fields, first);
  }

  /** Ids and labels of an example that is known to have nothing to say of it. */
  public LearnedTokens encode(Example example) {
    return encode(example, new RowNotes(false));
  }

  /**
   * Ids and labels of one example.
   *
   * @throws InputFault if it is a conversation that the model has no template for, or one that the
   *     template refuses, or not a text to learn at all
   */
  @Override
  public LearnedTokens encode(Example example, RowNotes notes) {
    if (example instanceof Example.Instruction i) {
      return template == null ? conversation(asConversation(i), notes) : instruction(i, notes);
    }
    if (example instanceof Example.Conversation c) {
      return conversation(c, notes);
    }
    if (example instanceof Example.PlainText t) {
      return plain(t);
    }
    throw new InputFault(example.where() + ": a label is learned by encoders, not by decoders");
  }

  /** An instruction as turns: what the system says, earlier exchanges, the question, its answer. */
  static Example.Conversation asConversation(Example.Instruction i) {
    List<Message> turns = new ArrayList<>();
    if (i.system() != null) {
      turns.add(Message.of(Message.SYSTEM, i.system()));
    }
    for (Example.Exchange e : i.history()) {
      turns.add(Message.of("user", e.question()));
      turns.add(Message.of(Message.ASSISTANT, e.answer()));
    }
    String question = i.input().isEmpty() ? i.instruction() : i.instruction() + "\n" + i.input();
    turns.add(Message.of("user", question));
    turns.add(Message.of(Message.ASSISTANT, i.response()));
    return Example.Conversation.of(Conversation.of(turns), i.where());
  }

  private LearnedTokens instruction(Example.Instruction i, RowNotes notes) {
    String only = " by template " + template.name() + " (`template` chat uses it)";
    if (i.system() != null) {
      notes.unused("'system' (or 'system_prompt')" + only, i.where());
    }
    if (!i.history().isEmpty()) {
      notes.unused("'history'" + only, i.where());
    }
    String prompt = template.promptFor(i.instruction(), i.input());
    String text = prompt + template.responseFor(i.response()) + "\n";
    int[] whole = tokenizer.encode(text, true);
    int length = Math.min(whole.length + 1, cutoffLength);
    int[] ids = Arrays.copyOf(whole, length);
    if (length == whole.length + 1) {
      ids[whole.length] = eos;
    }
    int promptLength = Math.min(tokenizer.encode(prompt, true).length, length);
    int[] labels = ids.clone();
    Arrays.fill(labels, 0, promptLength, Encoded.IGNORED);
    return new LearnedTokens(ids, labels);
  }

  private LearnedTokens conversation(Example.Conversation c, RowNotes notes) {
    requireTemplate(c);
    return cut(conversations.encode(c, notes));
  }

  private void requireTemplate(Example.Conversation c) {
    if (conversations == null) {
      throw new InputFault(
          c.where() + ": conversations need a chat template, which the model does not have");
    }
  }

  /** One bos and one eos, also where the text has them written out. */
  private LearnedTokens plain(Example.PlainText t) {
    int[] text = tokenizer.encode(t.text(), true);
    boolean twice =
        text.length > 1 && text[0] == text[1] && tokenizer.isSpecial(text[0]) && addsBefore();
    int[] once = twice ? Arrays.copyOfRange(text, 1, text.length) : text;
    boolean ended = once.length > 0 && once[once.length - 1] == eos;
    int[] ids = ended ? once : Arrays.copyOf(once, once.length + 1);
    ids[ids.length - 1] = eos;
    return cut(new LearnedTokens(ids, ids.clone()));
  }

  private boolean addsBefore() {
    return tokenizer.encode("", true).length > 0;
  }

  private LearnedTokens cut(LearnedTokens e) {
    return e.ids().length <= cutoffLength
        ? e
        : new LearnedTokens(
            Arrays.copyOf(e.ids(), cutoffLength), Arrays.copyOf(e.labels(), cutoffLength));
  }

  @Override
  public int cutoffLength() {
    return cutoffLength;
  }

  /**
   * What the model would be asked for an example: everything before its last answer.
   *
   * @throws InputFault if the example is no question, or has no template
   */
  public String promptText(Example example) {
    if (example instanceof Example.Instruction i && template != null) {
      return template.promptFor(i.instruction(), i.input());
    }
    Example.Conversation c =
        example instanceof Example.Instruction i
            ? asConversation(i)
            : example instanceof Example.Conversation said ? said : null;
    if (c == null) {
      throw new InputFault(example.where() + ": a text that is learned as a whole has no prompt");
    }
    requireTemplate(c);
    List<Message> turns = c.said().messages();
    int end = turns.size();
    if (turns.get(end - 1).isOfAssistant()) {
      end--;
    }
    if (end == 0) {
      throw new InputFault(c.where() + ": there is no turn before the answer");
    }
    return conversations.promptText(c.said().first(end));
  }

  /** The ids of a prompt's text. */
  public int[] promptIds(Example example, String text) {
    boolean chat = template == null || example instanceof Example.Conversation;
    return tokenizer.encode(text, !chat);
  }
}
