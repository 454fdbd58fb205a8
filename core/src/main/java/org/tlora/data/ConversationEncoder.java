package org.tlora.data;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.tlora.fault.InputFault;
import org.tlora.text.ChatTemplate;
import org.tlora.text.Message;
import org.tlora.text.Tokenizer;

/**
 * Encodes conversations by a chat template, with a loss on what the assistant says and on the token
 * that ends each of its turns. No special token is added to those that the template writes, as
 * transformers does it: a second bos is impossible. The last turn always ends in a token that ends
 * a text.
 */
public final class ConversationEncoder {
  private static final String END_OF_THOUGHT = "</think>";

  /** Tokens at the end of a text that may become others by what follows it. */
  private static final int MERGED = 2;

  private final Tokenizer tokenizer;
  private final ChatTemplate template;
  private final Set<Integer> ends;
  private final int eos;

  /**
   * An encoder.
   *
   * @param ends tokens that end a text in generation
   * @param eos the one that is added where the template ends the last turn with none of them
   */
  public ConversationEncoder(
      Tokenizer tokenizer, ChatTemplate template, Set<Integer> ends, int eos) {
    this.tokenizer = tokenizer;
    this.template = template;
    this.ends = Set.copyOf(ends);
    this.eos = eos;
  }

  /**
   * Ids and labels.
   *
   * @throws InputFault if the template refuses the conversation or loses a turn of it
   */
  public LearnedTokens encode(Example.Conversation conversation) {
    List<Message> messages = conversation.messages();
    String text;
    try {
      text = template.render(messages, false);
    } catch (InputFault e) {
      throw new InputFault(conversation.where() + ": " + e.getMessage(), e);
    }
    int[] ids = tokenizer.encode(text, false);
    boolean[] learned = new boolean[ids.length + 1];
    int from = 0;
    int cursor = 0;
    for (int i = 0; i < messages.size(); i++) {
      String content = messages.get(i).content().strip();
      if (messages.get(i).isOfAssistant()) {
        Span turn = byPrefixes(messages, i, ids, from);
        if (turn == null || !tokenizer.decode(turn.of(ids)).contains(content)) {
          int search = Math.max(cursor, openingEnd(messages, i, text));
          turn = bySearch(text, search, content, ids, conversation.where());
        }
        Arrays.fill(learned, turn.from(), turn.to(), true);
        from = turn.to();
      }
      int found = text.indexOf(content, cursor);
      // a system's message may be written anywhere
      cursor = found < 0 || messages.get(i).isOfSystem() ? cursor : found + content.length();
    }
    return ended(ids, learned, from);
  }

  /** The ids of a conversation that the assistant is to go on with. */
  public int[] prompt(List<Message> messages) {
    return tokenizer.encode(template.render(messages, true), false);
  }

  private record Span(int from, int to) {
    int[] of(int[] ids) {
      return Arrays.copyOfRange(ids, from, to);
    }
  }

  /**
   * The turn's tokens: what the template writes with it and not yet as the opening of an answer to
   * what is before it. Null if earlier turns are written otherwise once others follow, as where the
   * system's message goes into the last question.
   */
  private Span byPrefixes(List<Message> messages, int i, int[] ids, int least) {
    try {
      int from = begun(ids, template.render(messages.subList(0, i), true));
      int to =
          i + 1 == messages.size()
              ? ids.length
              : begun(ids, template.render(messages.subList(0, i + 1), false));
      return from >= least && to > from ? new Span(from, withoutRest(ids, from, to)) : null;
    } catch (InputFault e) {
      return null; // some templates refuse a part of a conversation
    }
  }

  /**
   * How many tokens of {@code ids} the text begins with, or −1 if they begin otherwise: but for the
   * last tokens of the text, which what follows may change.
   */
  private int begun(int[] ids, String text) {
    int[] prefix = tokenizer.encode(text, false);
    int common = common(ids, prefix);
    return common < prefix.length - MERGED ? -1 : common;
  }

  /** Where the answer's opening ends in the text, or 0 if it is written otherwise there. */
  private int openingEnd(List<Message> messages, int i, String text) {
    try {
      String opening = template.render(messages.subList(0, i), true);
      return text.startsWith(opening) ? opening.length() : 0;
    } catch (InputFault e) {
      return 0;
    }
  }

  /** How many tokens of {@code ids} the text begins with. */
  private int common(int[] ids, String text) {
    return common(ids, tokenizer.encode(text, false));
  }

  private static int common(int[] ids, int[] prefix) {
    int n = Arrays.mismatch(ids, prefix);
    return n < 0 ? ids.length : n;
  }

  /** What follows the token that ends the turn, such as a newline, is not the assistant's. */
  private int withoutRest(int[] ids, int from, int to) {
    for (int j = to - 1; j > from && j >= to - 3; j--) {
      if (ends.contains(ids[j])) {
        return j + 1;
      }
    }
    return to;
  }

  private Span bySearch(String text, int cursor, String whole, int[] ids, String where) {
    String content = whole;
    int start = text.indexOf(content, cursor);
    int thought = whole.lastIndexOf(END_OF_THOUGHT);
    if (start < 0 && thought >= 0) {
      // templates of models that think leave the thoughts of earlier turns out
      content = whole.substring(thought + END_OF_THOUGHT.length()).strip();
      start = text.indexOf(content, cursor);
    }
    if (start < 0) {
      throw new InputFault(
          where + ": the chat template does not write the assistant's turn as it is");
    }
    int from = common(ids, text.substring(0, start));
    int to = Math.max(from + 1, common(ids, text.substring(0, start + content.length())));
    for (int j = to; j < ids.length && j < to + 3; j++) {
      if (ends.contains(ids[j])) {
        return new Span(from, j + 1);
      }
    }
    return new Span(from, to);
  }

  private LearnedTokens ended(int[] ids, boolean[] learned, int lastTurn) {
    boolean ends = lastTurn > 0 && this.ends.contains(ids[lastTurn - 1]);
    int[] all = ends ? ids : Arrays.copyOf(ids, ids.length + 1);
    if (!ends) {
      all[ids.length] = eos;
      learned[ids.length] = true;
    }
    int[] labels = new int[all.length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = learned[i] ? all[i] : Encoded.IGNORED;
    }
    return new LearnedTokens(all, labels);
  }
}
