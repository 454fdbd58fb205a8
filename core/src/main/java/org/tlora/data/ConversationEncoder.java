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
      if (messages.get(i).isOfAssistant()) {
        Span turn = byPrefixes(messages, i, ids, from);
        String content = messages.get(i).content().strip();
        if (turn == null || !tokenizer.decode(turn.of(ids)).contains(content)) {
          turn = bySearch(text, cursor, content, ids, conversation.where());
        }
        Arrays.fill(learned, turn.from(), turn.to(), true);
        from = turn.to();
        int found = text.indexOf(content, cursor);
        cursor = found < 0 ? cursor : found + content.length();
      }
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
   * what is before it. Null if earlier turns are written otherwise once others follow.
   */
  private Span byPrefixes(List<Message> messages, int i, int[] ids, int least) {
    try {
      int from = common(ids, template.render(messages.subList(0, i), true));
      int to =
          i + 1 == messages.size()
              ? ids.length
              : common(ids, template.render(messages.subList(0, i + 1), false));
      return from >= least && to > from ? new Span(from, withoutRest(ids, from, to)) : null;
    } catch (InputFault e) {
      return null; // some templates refuse a part of a conversation
    }
  }

  /** How many tokens of {@code ids} the text begins with. */
  private int common(int[] ids, String text) {
    int[] prefix = tokenizer.encode(text, false);
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

  private Span bySearch(String text, int cursor, String content, int[] ids, String where) {
    int start = text.indexOf(content, cursor);
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
